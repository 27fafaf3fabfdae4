package dev.holdfast.agent.sandbox.microvm.snapshot;

import org.jspecify.annotations.Nullable;

/** A snapshot is there and cannot be used. The message names it and the mend. */
public final class BadSnapshot extends Exception {
  private static final long serialVersionUID = 1L;

  public BadSnapshot(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public BadSnapshot(String message) {
    super(message);
  }
}
