package dev.holdfast.orchestrator.run;

/** There is nothing with this id. */
public final class UnknownId extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownId(String message) {
    super(message);
  }
}
