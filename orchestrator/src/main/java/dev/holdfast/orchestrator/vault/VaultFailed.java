package dev.holdfast.orchestrator.vault;

import org.jspecify.annotations.Nullable;

/**
 * Vault did not do what it was asked for. The message is one line with Vault's name and the cause;
 * it never holds the token, or anything that Vault answered.
 */
public final class VaultFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why. */
  public enum Kind {
    /** It was away, sealed, slow or overloaded: the same may succeed later. */
    AWAY,
    /** It knows what was asked for and says that there is none. */
    MISSING,
    /** It does not let this token. */
    REFUSED,
    /** It says that what was sent is wrong, as a ciphertext that does not open is. */
    WRONG
  }

  VaultFailed(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** As one line. */
  public String line() {
    return String.valueOf(getMessage());
  }

  public Kind kind() {
    return kind;
  }
}
