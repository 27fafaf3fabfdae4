package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.CHANNEL_BOUNDS;
import static dev.holdfast.probe.Attacks.runner;

import java.util.List;

/**
 * A hostile runner: inside the sandbox, in the runner's place, a program that says what no runner
 * would. The control is an agent that believes it.
 */
final class ProtocolAttacks {
  static final List<Attack> ALL =
      List.of(
          lie("success-before-the-steps", "Success, before every step has run."),
          lie("success-after-a-failure", "Success, after a step that failed."),
          lie("steps-out-of-turn", "The second step before the first."),
          lie("negative-step", "A step whose number is below zero."),
          lie("step-that-is-not", "A third step of a job that has two."),
          lie("second-end", "Success, after the job had already failed."),
          lie("second-greeting", "A second greeting, to begin again."),
          lie("other-version", "A version of the protocol that is not spoken here."),
          lie("log-before-a-step", "Output of no step, to be taken for the agent's own."),
          lie("poisoned-classes", "Compiled classes that nobody asked for, for the next job."),
          lie("huge-frame", "A message that says it has two gigabytes."),
          lie("negative-frame", "A message that says it has less than nothing."),
          lie("unknown-kind", "A message of a kind that is not."),
          lie("truncated-frame", "A message of which the rest never comes."),
          lie("silence", "A runner that connects and says nothing."),
          lie("endless-log", "Output without end."),
          lie("empty-log", "Pieces of output of no length, without end."),
          lie("endless-outputs", "Outputs without end."),
          lie("endless-summaries", "Summaries without end."),
          lie("long-output", "An output that is a file."),
          lie("output-outside", "An output whose name is a path outside."),
          lie("wide-json", "A message that is small as text and huge as a tree."),
          lie("deep-json", "A message that is nested four million times."),
          lie("long-number", "A number of four million digits."),
          lie("control-characters", "A reason that commands the terminal of whoever reads it."),
          lie("asks-for-another-try", "A broken host claimed after a step, to be tried for ever."),
          lie("second-connection", "A second program connects, to speak for the first."));

  private static Attack lie(String says, String idea) {
    return runner(says, idea, says).alsoInMachinesStoppedBy(CHANNEL_BOUNDS);
  }

  private ProtocolAttacks() {}
}
