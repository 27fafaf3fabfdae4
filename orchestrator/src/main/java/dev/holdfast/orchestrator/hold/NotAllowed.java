package dev.holdfast.orchestrator.hold;

/** Somebody may not do what they asked for. The message names the mend. */
public final class NotAllowed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotAllowed(String message) {
    super(message);
  }
}
