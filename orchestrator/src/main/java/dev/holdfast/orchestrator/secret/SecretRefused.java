package dev.holdfast.orchestrator.secret;

/** A change of secrets that is not made. One line with the name, the cause and the mend. */
public final class SecretRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why it is not made. */
  public enum Kind {
    /** It is no secret, or too large. */
    UNFIT,
    /** There is none of that name or version. */
    UNKNOWN,
    /** It is not what it was a moment ago, or does not fit what there is. */
    CONFLICT
  }

  SecretRefused(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
