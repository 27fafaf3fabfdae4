package dev.holdfast.model.run;

/** Where a run stands; a function of its jobs, see {@link RunProgress}. */
public enum RunState {
  /** Whatever of it is left waits for a person. */
  HELD,
  QUEUED,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  /** Whether it can change no more, short of a re-run. */
  public boolean over() {
    return switch (this) {
      case HELD, QUEUED, RUNNING -> false;
      case SUCCEEDED, FAILED, CANCELLED -> true;
    };
  }
}
