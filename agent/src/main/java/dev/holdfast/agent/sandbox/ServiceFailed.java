package dev.holdfast.agent.sandbox;

/** A service did not come to be ready. The job's author can mend that, not the host. */
public final class ServiceFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final String lastWords;

  /**
   * @param message one line, with the mend
   * @param lastWords the end of what it printed; may be empty
   */
  public ServiceFailed(String message, String lastWords) {
    super(message);
    this.lastWords = lastWords;
  }

  /** The end of what it printed, bounded, without control characters but line ends. */
  public String lastWords() {
    return lastWords;
  }
}
