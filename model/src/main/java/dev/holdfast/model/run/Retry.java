package dev.holdfast.model.run;

/** What an attempt's outcome means for its job. Pure. */
public final class Retry {
  /** A machine that breaks three times in a row is more likely the job's doing. */
  public static final int MOST_ATTEMPTS = 3;

  private Retry() {}

  /**
   * The job's state after its {@code attempt}-th try (from 1) ended so; {@link JobState#QUEUED} if
   * it is to be tried again.
   *
   * @param cancelled whether the run was cancelled: then nothing is tried again
   */
  public static JobState after(Outcome outcome, int attempt, boolean cancelled) {
    return switch (outcome) {
      case Outcome.Succeeded() -> JobState.SUCCEEDED;
      case Outcome.Failed failed -> JobState.FAILED;
      case Outcome.TimedOut timedOut -> JobState.FAILED;
      case Outcome.Refused refused -> JobState.FAILED;
      case Outcome.Cancelled() -> JobState.CANCELLED;
      case Outcome.Broken broken ->
          cancelled
              ? JobState.CANCELLED
              : attempt < MOST_ATTEMPTS ? JobState.QUEUED : JobState.FAILED;
    };
  }
}
