package dev.holdfast.sdk;

/** A script that a step ran ended with an exit code other than 0. */
public final class StepFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /** A failure with this exit code, which becomes the step's. */
  public StepFailed(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The script's exit code; 128 and the signal's number if a signal ended it. */
  public int exitCode() {
    return exitCode;
  }
}
