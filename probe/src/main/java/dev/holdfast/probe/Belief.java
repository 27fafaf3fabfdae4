package dev.holdfast.probe;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a listener to a hostile runner came to believe.
 *
 * @param succeeded that the job had
 * @param again that the job is to be tried once more, though a step had begun
 * @param steps that ran, in the order in which they were said to
 * @param words the longest reason
 * @param logged bytes
 * @param outputs and summaries, in messages
 * @param largest length of a message in bytes, as it was announced
 * @param other what else it took that it should not have
 */
record Belief(
    boolean succeeded,
    boolean again,
    List<Integer> steps,
    String words,
    long logged,
    int outputs,
    long largest,
    Optional<String> other) {
  private static final long MOST_MESSAGE = 1024 * 1024;

  /** What an orchestrator was told of a job by the agent. */
  static Belief of(Hearing hearing) {
    Outcome outcome = hearing.outcome();
    var steps = new ArrayList<Integer>();
    int outputs = 0;
    for (AttemptEvent event : hearing.events()) {
      switch (event) {
        case AttemptEvent.StepStarted started -> steps.add(started.step());
        case AttemptEvent.Output _, AttemptEvent.Summary _ -> outputs++;
        default -> {}
      }
    }
    return new Belief(
        outcome instanceof Outcome.Succeeded,
        outcome instanceof Outcome.Broken && !steps.isEmpty(),
        steps,
        words(outcome),
        hearing.logged(),
        outputs,
        0,
        Optional.empty());
  }

  static String words(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded() -> "";
      case Outcome.Cancelled() -> "cancelled";
      case Outcome.Failed(String reason, int code) -> reason;
      case Outcome.TimedOut(String reason) -> reason;
      case Outcome.Refused(String reason) -> reason;
      case Outcome.Broken(String reason) -> reason;
    };
  }

  /** The lie that was believed, if any was. */
  Optional<String> lie() {
    if (succeeded) {
      return Optional.of("the listener believes in a success that was not");
    }
    if (again) {
      return Optional.of("the listener would try the job once more");
    }
    if (!IntStream.range(0, steps.size()).allMatch(i -> steps.get(i) == i) || steps.size() > 2) {
      return Optional.of("the listener believes in steps " + steps);
    }
    if (words.matches("(?s).*[\\p{Cntrl}\\p{Cf}].*")) {
      return Optional.of("the listener passes control characters on");
    }
    if (logged > Bench.BOUNDS.log()) {
      return Optional.of("the listener took " + logged + " bytes of log");
    }
    if (outputs > Bench.BOUNDS.outputs()) {
      return Optional.of("the listener took " + outputs + " outputs and summaries");
    }
    if (largest > MOST_MESSAGE) {
      return Optional.of("the listener made room for a message of " + largest + " bytes");
    }
    return other;
  }
}
