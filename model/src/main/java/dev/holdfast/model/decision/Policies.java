package dev.holdfast.model.decision;

import dev.holdfast.model.trust.Lookup;

/** Brings the policies of an installation, an organisation and a repository together. */
public final class Policies {
  private Policies() {}

  /**
   * The policy that applies to a repository, or why none does. A level without one ({@link
   * Lookup.Absent}) changes nothing; a level that cannot be read makes the whole unreadable.
   */
  public static Lookup<Policy> effective(
      Lookup<Policy> installation, Lookup<Policy> organisation, Lookup<Policy> repository) {
    Lookup<Policy> whole =
        switch (installation) {
          case Lookup.Absent<Policy>() -> new Lookup.Known<>(Policy.DEFAULT);
          case Lookup.Known<Policy> known -> known;
          case Lookup.Failed<Policy>(var why) ->
              new Lookup.Failed<>("the installation's policy: " + why);
        };
    return narrowed(
        narrowed(whole, "the organisation's policy", organisation),
        "the repository's policy",
        repository);
  }

  private static Lookup<Policy> narrowed(
      Lookup<Policy> wide, String level, Lookup<Policy> narrower) {
    if (!(wide instanceof Lookup.Known<Policy>(var policy))) {
      return wide;
    }
    return switch (narrower) {
      case Lookup.Absent<Policy>() -> wide;
      case Lookup.Failed<Policy>(var why) -> new Lookup.Failed<>(level + ": " + why);
      case Lookup.Known<Policy>(var narrow) ->
          switch (policy.narrowed(narrow)) {
            case Policy.Narrowing.Narrowed(var applies) -> new Lookup.Known<>(applies);
            case Policy.Narrowing.Loosened(var violations) ->
                new Lookup.Failed<>(level + ": " + String.join("; ", violations));
          };
    };
  }
}
