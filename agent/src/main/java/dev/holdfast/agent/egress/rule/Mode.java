package dev.holdfast.agent.egress.rule;

/** What holds for a destination that no rule names; most open first. */
public enum Mode {
  /** Whatever is not in a blocked range. */
  PUBLIC,
  /** Nothing. */
  LISTED,
  /** Nothing, and rules that open something are not looked at either. */
  NONE;

  /** Reads the word that stands in a policy. */
  public static Mode parse(String text) {
    return switch (text) {
      case "public" -> PUBLIC;
      case "listed" -> LISTED;
      case "none" -> NONE;
      default ->
          throw new BadRule("\"" + text + "\" is no egress default; write public, listed or none");
    };
  }

  @Override
  public String toString() {
    return switch (this) {
      case PUBLIC -> "public";
      case LISTED -> "listed";
      case NONE -> "none";
    };
  }
}
