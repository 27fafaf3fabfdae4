package dev.holdfast.model.run;

/** How a step ended. */
public sealed interface StepResult {
  record Succeeded() implements StepResult {}

  /**
   * @param exitCode of the command; for code that threw, 1
   * @param reason one line for people
   */
  record Failed(int exitCode, String reason) implements StepResult {}

  /** Not run, because of how an earlier step ended. */
  record Skipped() implements StepResult {}

  record TimedOut() implements StepResult {}

  record Cancelled() implements StepResult {}
}
