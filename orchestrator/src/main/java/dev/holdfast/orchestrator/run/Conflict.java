package dev.holdfast.orchestrator.run;

/** What was asked does not fit the state that things are in; the message says which state. */
public class Conflict extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Conflict(String message) {
    super(message);
  }
}
