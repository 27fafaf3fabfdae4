package dev.holdfast.model.run;

/** Where a job of a run stands. */
public enum JobState {
  /** Waits for a person; nothing of it was executed, fetched into a sandbox or cached. */
  HELD,
  /** Some job it needs is not over. */
  WAITING,
  /** Ready; no agent has it. */
  QUEUED,
  /** An agent holds a lease on an attempt at it. */
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  /** Never run, because of how the jobs it needs ended. */
  SKIPPED;

  /** Whether it can change no more, short of a re-run. */
  public boolean over() {
    return switch (this) {
      case HELD, WAITING, QUEUED, RUNNING -> false;
      case SUCCEEDED, FAILED, CANCELLED, SKIPPED -> true;
    };
  }
}
