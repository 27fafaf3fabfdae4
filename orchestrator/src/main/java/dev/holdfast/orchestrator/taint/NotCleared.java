package dev.holdfast.orchestrator.taint;

import dev.holdfast.orchestrator.run.Conflict;

/** What stands in the database of a run is not what was signed when it was let start. */
public final class NotCleared extends Conflict {
  private static final long serialVersionUID = 1L;

  private final String run;

  NotCleared(String run, String message) {
    super(message);
    this.run = run;
  }

  /** The id of the run. */
  public String run() {
    return run;
  }
}
