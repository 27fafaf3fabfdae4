package dev.holdfast.model.access;

import dev.holdfast.model.trust.Right;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that was granted.
 *
 * @param repository the id of the one repository that it is for; empty for the installation, which
 *     is every repository and everything else
 */
public record Grant(Grantable what, Optional<String> repository) {

  /** What it lets somebody do in its place: for one repository, only what there is to do in one. */
  public Set<Permission> effective() {
    return what.permissions().stream()
        .filter(permission -> repository.isEmpty() || permission.inRepository())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether somebody with {@code grants} may do {@code permission}. Nothing is allowed that was not
   * granted.
   *
   * @param repository the id of the repository where; empty where it is not in a repository
   */
  public static boolean allowed(
      Collection<Grant> grants, Permission permission, Optional<String> repository) {
    return grants.stream()
        .anyMatch(grant ->
            grant.effective().contains(permission)
                && (grant.repository().isEmpty() || grant.repository().equals(repository)));
  }

  /** What {@code grants} mean for the trust in what is pushed to the repository. */
  public static Right right(Collection<Grant> grants, String repository) {
    Optional<String> here = Optional.of(repository);
    if (allowed(grants, Permission.CHANGE_WORKFLOWS, here)) {
      return Right.CHANGE_WORKFLOWS;
    }
    if (allowed(grants, Permission.DEVELOP, here)) {
      return Right.DEVELOP;
    }
    return allowed(grants, Permission.VIEW, here) ? Right.VIEW : Right.NONE;
  }
}
