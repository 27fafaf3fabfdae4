package dev.holdfast.agent.job;

import dev.holdfast.model.run.Outcome;

/**
 * Why an attempt is ended from outside. Of two reasons the first counts, but a lost lease always.
 */
sealed interface Stop {
  /** How the attempt then ended. */
  Outcome outcome();

  record Cancelled() implements Stop {
    @Override
    public Outcome outcome() {
      return new Outcome.Cancelled();
    }
  }

  record TimedOut(String reason) implements Stop {
    @Override
    public Outcome outcome() {
      return new Outcome.TimedOut(reason);
    }
  }

  /** The agent or its host is at fault. */
  record Aborted(String reason) implements Stop {
    @Override
    public Outcome outcome() {
      return new Outcome.Broken(reason);
    }
  }

  /** The attempt is somebody else's by now: nothing more is to be said of it. */
  record Lost() implements Stop {
    @Override
    public Outcome outcome() {
      return new Outcome.Broken("the lease was lost");
    }
  }
}
