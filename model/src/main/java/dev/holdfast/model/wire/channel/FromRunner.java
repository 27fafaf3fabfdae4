package dev.holdfast.model.wire.channel;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.Bounds;
import java.util.List;

/**
 * What a runner says to its agent, which takes every byte of it as hostile. The order for a job:
 * Hello, then for each step StepStarted, any number of LOG frames, Output and Summary, and
 * StepFinished (a skipped step has only StepFinished), then JobFinished. Before a step that asks
 * (see {@code Step.asks}) comes StepWaits, and it starts only once it may. For an evaluation: Hello,
 * then Evaluated.
 */
public sealed interface FromRunner {
  /** Must equal {@code ToRunner}'s side, since both come from one distribution. */
  int VERSION = 1;

  record Hello(int version) implements FromRunner {}

  /** The next step wants to start, and the runner waits to be told whether it may. */
  record StepWaits(int step) implements FromRunner {}

  record StepStarted(int step) implements FromRunner {}

  record StepFinished(int step, StepResult result) implements FromRunner {}

  record Output(Name name, String value) implements FromRunner {
    public Output {
      Bounds.output(name, value);
    }
  }

  record Summary(String markdown) implements FromRunner {
    public Summary {
      Bounds.summary(markdown);
    }
  }

  /** The last of a job. {@code Broken} and {@code Refused} are for what the runner itself met. */
  record JobFinished(Outcome outcome) implements FromRunner {}

  /**
   * What the sources define, or why they do not.
   *
   * @param workflows empty if there are diagnostics
   * @param origins where each part was written
   */
  record Evaluated(List<Workflow> workflows, List<Origin> origins, List<Diagnostic> diagnostics)
      implements FromRunner {}

  /**
   * @param path as in {@link dev.holdfast.model.definition.Problem}
   */
  record Origin(String path, String file, int line) {}

  /**
   * An error of the compiler, or an exception that {@code define} threw.
   *
   * @param line from 1; 0 if it is not known
   */
  record Diagnostic(String file, int line, String message) {}
}
