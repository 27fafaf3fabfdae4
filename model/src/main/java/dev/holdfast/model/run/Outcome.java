package dev.holdfast.model.run;

import dev.holdfast.model.json.Quote;

/** How an attempt ended. A failed step is a value; so is a broken machine. */
public sealed interface Outcome {
  /** Reasons may come from a sandbox: longer ones are cut, and made one harmless line. */
  int LONGEST_REASON = 500;

  /** Every step that had to succeeded. */
  record Succeeded() implements Outcome {}

  /**
   * A step failed.
   *
   * @param reason one line for people, naming the step
   * @param exitCode of its command; for code that threw, 1
   */
  record Failed(String reason, int exitCode) implements Outcome {
    public Failed {
      reason = Quote.line(reason, LONGEST_REASON);
    }
  }

  /** The job or a step took longer than it may. */
  record TimedOut(String reason) implements Outcome {
    public TimedOut {
      reason = Quote.line(reason, LONGEST_REASON);
    }
  }

  /** Somebody cancelled the run. */
  record Cancelled() implements Outcome {}

  /**
   * The definition or the job's image makes it impossible to run, at any agent: the sources do not
   * compile, the image does not exist. Not tried again.
   */
  record Refused(String reason) implements Outcome {
    public Refused {
      reason = Quote.line(reason, LONGEST_REASON);
    }
  }

  /** The host could not run it, or the agent was lost. Tried again, see {@link Retry}. */
  record Broken(String reason) implements Outcome {
    public Broken {
      reason = Quote.line(reason, LONGEST_REASON);
    }
  }
}
