package dev.holdfast.model.wire.channel;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.StepResult;
import java.util.Map;
import java.util.Optional;

/** What an agent says to a runner. The first is a {@link RunJob} or {@link Evaluate}. */
public sealed interface ToRunner {
  /**
   * Run this job. If the runner is to use cached classes, a {@link FrameKind#CLASSES} frame came
   * just before.
   *
   * @param workspace absolute path of the checkout
   * @param env the allowlisted environment of every step, before the job's and step's own
   * @param sources there if the job has code steps
   * @param outputs of the jobs it needs, by job key
   * @param alone whether the sandbox has no processes but the job's: what steps that install leave
   *     running is ended before others start, which may reach more
   */
  record RunJob(
      Name workflow,
      PlannedJob job,
      Event event,
      String workspace,
      Map<String, String> env,
      Optional<Sources> sources,
      Map<String, Map<String, String>> outputs,
      boolean alone)
      implements ToRunner {
    /** In a sandbox that may have others' processes. */
    public RunJob(
        Name workflow,
        PlannedJob job,
        Event event,
        String workspace,
        Map<String, String> env,
        Optional<Sources> sources,
        Map<String, Map<String, String>> outputs) {
      this(workflow, job, event, workspace, env, sources, outputs, false);
    }
  }

  /** Compile these sources, call their {@code define}, answer with {@link FromRunner.Evaluated}. */
  record Evaluate(Sources sources) implements ToRunner {}

  /**
   * The step that waits may start. If it is given secrets, a {@link FrameKind#SECRETS} frame came
   * just before.
   *
   * @param withheld why it is not given what else it names, by names of secrets
   * @param alone whether to end all other processes of the sandbox before: they are the job's, and
   *     could read what this step is given
   */
  record StepMayStart(int step, Map<String, String> withheld, boolean alone) implements ToRunner {}

  /** The step that waits does not start. It ended like this, and is to be reported so. */
  record StepEnds(int step, StepResult result) implements ToRunner {}

  /**
   * Stop the step that runs and skip the rest, but steps that run always get 30 s of grace. A
   * second one stops everything at once.
   */
  record Cancel() implements ToRunner {}
}
