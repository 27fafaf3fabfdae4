package dev.holdfast.orchestrator.seal;

import org.jspecify.annotations.Nullable;

/**
 * A master key cannot be used now, so that nothing can be sealed or opened with what it wraps. The
 * message is one line with the key's name, the cause and the mend, and holds no secret.
 */
public final class KeysUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public KeysUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
