package dev.holdfast.runner.job;

import dev.holdfast.model.run.StepResult;
import dev.holdfast.runner.step.LogSink;
import dev.holdfast.runner.step.Running;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Runs the steps of a job that are Java code. Made before the first step. */
public interface CodeSteps {
  /**
   * Starts the code of the step named {@code step}.
   *
   * @param secretOutputs takes those outputs that the job says are secret
   * @param whenOver is run, by another thread, when the code has returned or thrown
   */
  RunningCode start(
      String step,
      Map<String, String> env,
      SecretsOfStep secrets,
      Path directory,
      LogSink log,
      Outputs.Sink secretOutputs,
      Runnable whenOver);

  /** Waits until what the step that runs has printed so far is in the log. */
  void settle() throws InterruptedException;

  /** Code that runs, or has run. */
  interface RunningCode extends Running {
    /** Why it failed; there once it is over, empty if it succeeded. */
    Optional<StepResult.Failed> failure();

    /** Waits until what it printed is in the log; nothing gets there afterwards. */
    void settle() throws InterruptedException;

    /** What it gave so far. */
    Map<String, String> outputs();

    /** What it added to the job's summary so far. */
    String summary();
  }
}
