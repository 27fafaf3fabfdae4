package dev.holdfast.probe.lab;

/** The lab cannot be made or taken down; says what of it, and the mend. */
public final class LabFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LabFailed(String message) {
    super(message);
  }

  public LabFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
