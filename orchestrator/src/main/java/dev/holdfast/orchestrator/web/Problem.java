package dev.holdfast.orchestrator.web;

/** A refusal with a status; the message is one line for whoever called. */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;

  public Problem(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
