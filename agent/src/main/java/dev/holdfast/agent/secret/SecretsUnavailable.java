package dev.holdfast.agent.secret;

/** An attempt's secrets cannot be had, so that its job must not start. The message says why. */
public final class SecretsUnavailable extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean again;

  /**
   * @param again whether another attempt may have them
   */
  public SecretsUnavailable(String message, boolean again) {
    super(message);
    this.again = again;
  }

  public boolean again() {
    return again;
  }
}
