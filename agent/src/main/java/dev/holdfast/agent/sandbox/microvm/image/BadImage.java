package dev.holdfast.agent.sandbox.microvm.image;

import org.jspecify.annotations.Nullable;

/** What is there cannot be, or is not, an image of a machine; says what, where, and the mend. */
public final class BadImage extends Exception {
  private static final long serialVersionUID = 1L;

  public BadImage(String message) {
    super(message);
  }

  public BadImage(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
