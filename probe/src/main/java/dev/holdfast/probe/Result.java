package dev.holdfast.probe;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.time.Duration;
import java.util.Optional;

/**
 * What is known of one attack on one backend.
 *
 * @param attempt what came of it; empty if it was not run
 * @param control what came of it without what stops it; empty if that was not asked
 * @param notRun why it was not run; empty if it was
 */
public record Result(
    Attack attack,
    Backend backend,
    Optional<Verdict> attempt,
    Optional<Verdict> control,
    String notRun,
    Duration took) {

  /** As it stands in a report. */
  public enum State {
    HELD("held"),
    NOT_HELD("NOT HELD"),
    INCONCLUSIVE("inconclusive"),
    NOT_RUN("not run");

    private final String word;

    State(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** Whether the promise held. */
  public State state() {
    return attempt
        .map(v ->
            switch (v) {
              case Verdict.Stopped _, Verdict.Absent _ -> State.HELD;
              case Verdict.Through _ -> State.NOT_HELD;
              case Verdict.Inconclusive _ -> State.INCONCLUSIVE;
            })
        .orElse(State.NOT_RUN);
  }

  /** Whether the attack is known to work where nothing stops it. */
  public boolean controlWorks() {
    return control.filter(Verdict.Through.class::isInstance).isPresent();
  }

  /** The control in a word. */
  public String controlWord() {
    if (control.isEmpty()) {
      return "-";
    }
    return controlWorks() ? "works" : "DOES NOT WORK";
  }

  /** Nothing to object to: it was run, it was stopped, and it is known to be an attack. */
  public boolean good() {
    return state() == State.HELD && (control.isEmpty() || controlWorks());
  }

  /** What there is to say: of the attempt, and of a control that does not work. */
  public String says() {
    String first = attempt.map(Verdict::why).orElse(notRun);
    return control.isPresent() && !controlWorks()
        ? first + "; the control: " + control.get().why()
        : first;
  }
}
