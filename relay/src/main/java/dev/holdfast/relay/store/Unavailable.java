package dev.holdfast.relay.store;

import org.jspecify.annotations.Nullable;

/**
 * The database cannot be written or read now. Nothing of what was asked has happened; the same call
 * can be made again. The message is one line with the place, the cause and the mend.
 */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
