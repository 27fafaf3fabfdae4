package dev.holdfast.orchestrator.access;

/** A change of users, grants or tokens that is not made; the message names the mend. */
public final class AccessRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why it is not made. */
  public enum Kind {
    /** Whoever asks may not. */
    FORBIDDEN,
    /** There is nothing of that name. */
    UNKNOWN,
    /** It does not fit what there is. */
    CONFLICT,
    /** A forge that has to be asked does not answer. */
    UNAVAILABLE
  }

  public AccessRefused(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  static AccessRefused forbidden(String message) {
    return new AccessRefused(Kind.FORBIDDEN, message);
  }

  static AccessRefused unknown(String message) {
    return new AccessRefused(Kind.UNKNOWN, message);
  }

  static AccessRefused unavailable(String message) {
    return new AccessRefused(Kind.UNAVAILABLE, message);
  }

  static AccessRefused conflict(String message) {
    return new AccessRefused(Kind.CONFLICT, message);
  }
}
