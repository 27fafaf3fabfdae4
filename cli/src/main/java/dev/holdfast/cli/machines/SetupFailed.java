package dev.holdfast.cli.machines;

/** A step of preparing a host cannot be done; names the thing, the place and the mend. */
public final class SetupFailed extends Exception {
  private static final long serialVersionUID = 1L;

  public SetupFailed(String message) {
    super(message);
  }

  public SetupFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
