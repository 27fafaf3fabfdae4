package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Scope;
import java.util.List;
import java.util.Optional;

/**
 * A user who asks for something, by one of their tokens.
 *
 * @param token its id
 * @param scope what the token is good for, of what the user may do
 * @param grants of the user
 * @param from the address that it comes from
 */
public record Caller(
    User user, String token, Scope scope, List<Grant> grants, Optional<String> from) {
  public Caller {
    grants = List.copyOf(grants);
  }

  /** Whether they may do this there; see {@link Grant#allowed}. */
  public boolean may(Permission permission, Optional<String> repository) {
    return scope.covers(permission, repository) && Grant.allowed(grants, permission, repository);
  }

  /** Whether they may do this in some repository at least. */
  public boolean maySomewhere(Permission permission) {
    return may(permission, Optional.empty())
        || scope.repository().filter(only -> may(permission, scope.repository())).isPresent()
        || grants.stream().anyMatch(grant -> may(permission, grant.repository()));
  }

  /** Whether they may do everything that {@code grant} lets somebody do. */
  boolean has(Grant grant) {
    return grant.effective().stream().allMatch(p -> may(p, grant.repository()));
  }

  /** Whether they may do everything that a user with {@code theirs} may. */
  boolean has(List<Grant> theirs) {
    return theirs.stream().allMatch(this::has);
  }
}
