package dev.holdfast.model.trust;

import java.util.List;

/**
 * What was looked up about one contributor and one repository.
 *
 * @param fork whether the commits come from another repository; a fork that is gone is one
 * @param contributor the forge's immutable id; never a name, never a commit's author
 * @param user the Holdfast user that this id was linked to through the forge's own sign-in
 * @param right of that user on the repository
 * @param permission of this id on the repository, as the forge says
 */
public record TrustFacts(
    Lookup<Boolean> fork,
    Lookup<Visibility> visibility,
    Lookup<String> contributor,
    Lookup<String> user,
    Lookup<Right> right,
    Lookup<ForgePermission> permission) {

  /** Why this or that could not be looked up, in one line each; empty if everything could. */
  List<String> failures() {
    var failures = new java.util.ArrayList<String>();
    failure(failures, "whether it comes from a fork", fork);
    failure(failures, "whether the repository is public", visibility);
    failure(failures, "who the contributor is", contributor);
    failure(failures, "which user is linked to the contributor", user);
    failure(failures, "what the user may do here", right);
    failure(failures, "what the forge permits the contributor", permission);
    return failures;
  }

  private static void failure(List<String> failures, String what, Lookup<?> lookup) {
    if (lookup instanceof Lookup.Failed<?>(var why)) {
      failures.add(what + " could not be looked up: " + why);
    }
  }
}
