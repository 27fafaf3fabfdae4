package dev.holdfast.model.run;

import dev.holdfast.model.json.Quote;

/** How a step ended. */
public sealed interface StepResult {
  record Succeeded() implements StepResult {}

  /**
   * @param exitCode of the command; for code that threw, 1
   * @param reason one line for people
   */
  record Failed(int exitCode, String reason) implements StepResult {
    public Failed {
      reason = Quote.line(reason, Outcome.LONGEST_REASON);
    }
  }

  /** Not run, because of how an earlier step ended. */
  record Skipped() implements StepResult {}

  record TimedOut() implements StepResult {}

  record Cancelled() implements StepResult {}
}
