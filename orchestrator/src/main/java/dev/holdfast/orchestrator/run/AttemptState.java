package dev.holdfast.orchestrator.run;

/** Where one try at a job stands. */
public enum AttemptState {
  /** Given to an agent that has not yet said that it starts. */
  LEASED,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  /** The host could not run it. */
  BROKEN,
  /** Its agent was not heard of, or no longer knew of it. */
  LOST;

  public boolean over() {
    return switch (this) {
      case LEASED, RUNNING -> false;
      case SUCCEEDED, FAILED, CANCELLED, BROKEN, LOST -> true;
    };
  }
}
