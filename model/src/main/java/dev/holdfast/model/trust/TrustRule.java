package dev.holdfast.model.trust;

/** Says how far a contributor is trusted. Pure; unknown unless everything speaks for more. */
public final class TrustRule {
  private TrustRule() {}

  /** The standing that {@code facts} give, read from the top: the first rule that applies. */
  public static Standing of(TrustFacts facts) {
    var failures = facts.failures();
    if (!failures.isEmpty()) {
      return new Standing(Trust.UNKNOWN, failures);
    }
    if (facts.contributor().known().filter(id -> !id.isBlank()).isEmpty()) {
      return new Standing(Trust.UNKNOWN, "the forge names no id of the contributor");
    }
    if (facts.fork().known().isEmpty()) {
      return new Standing(Trust.UNKNOWN, "the forge does not say whether it comes from a fork");
    }
    if (facts.visibility().known().isEmpty()) {
      return new Standing(Trust.UNKNOWN, "the forge does not say whether the repository is public");
    }

    ForgePermission permission = facts.permission().known().orElse(ForgePermission.NONE);
    // Without a linked user a right is nobody's.
    Right right = facts.user().known().flatMap(user -> facts.right().known()).orElse(Right.NONE);

    if (right.atLeast(Right.CHANGE_WORKFLOWS) && permission.atLeast(ForgePermission.WRITE)) {
      // Others may push to a fork, whom neither this repository nor Holdfast has let in.
      return facts.fork().known().orElse(true)
          ? new Standing(Trust.KNOWN, "a user who may change workflows, but from a fork")
          : new Standing(Trust.TRUSTED, "a linked user who may change workflows");
    }
    if (right.atLeast(Right.DEVELOP) && permission.atLeast(ForgePermission.READ)) {
      return new Standing(Trust.KNOWN, "a linked user who may develop, not change workflows");
    }
    if (permission.atLeast(ForgePermission.WRITE)) {
      return new Standing(
          Trust.KNOWN, "the forge lets them write; no linked user may change workflows");
    }
    if (permission.atLeast(ForgePermission.READ)
        && facts.visibility().known().filter(Visibility.PRIVATE::equals).isPresent()) {
      return new Standing(Trust.KNOWN, "the forge lets them read a private repository");
    }
    return new Standing(Trust.UNKNOWN, "neither the forge nor Holdfast has let them in");
  }
}
