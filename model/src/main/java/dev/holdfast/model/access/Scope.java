package dev.holdfast.model.access;

import java.util.Optional;
import java.util.Set;

/**
 * What a token is good for, of what its user may do.
 *
 * @param permissions only these; empty for all
 * @param repository the id of the only one where; empty for everywhere
 */
public record Scope(Optional<Set<Permission>> permissions, Optional<String> repository) {
  /** As good as its user. */
  public static final Scope ALL = new Scope(Optional.empty(), Optional.empty());

  public Scope {
    permissions = permissions.map(Set::copyOf);
  }

  /** Whether {@code permission} in that place is within. */
  public boolean covers(Permission permission, Optional<String> where) {
    return permissions.map(some -> some.contains(permission)).orElse(true)
        && (repository.isEmpty() || repository.equals(where));
  }

  /** Whether nothing is within this that is not within {@code wider}. */
  public boolean within(Scope wider) {
    boolean fewer =
        wider
            .permissions()
            .map(all -> permissions.filter(all::containsAll).isPresent())
            .orElse(true);
    return fewer && (wider.repository().isEmpty() || wider.repository().equals(repository));
  }
}
