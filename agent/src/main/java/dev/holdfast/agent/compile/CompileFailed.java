package dev.holdfast.agent.compile;

import org.jspecify.annotations.Nullable;

/** The sources could not be evaluated at all. What is wrong in them is a diagnostic, not this. */
public final class CompileFailed extends Exception {
  private static final long serialVersionUID = 1L;

  public CompileFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
