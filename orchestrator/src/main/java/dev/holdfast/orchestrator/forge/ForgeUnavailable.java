package dev.holdfast.orchestrator.forge;

/** A forge could not be asked. The message is one line with the repository and the cause. */
public final class ForgeUnavailable extends Exception {
  private static final long serialVersionUID = 1L;

  public ForgeUnavailable(String message, Throwable cause) {
    super(message, cause);
  }

  public ForgeUnavailable(String message) {
    super(message);
  }
}
