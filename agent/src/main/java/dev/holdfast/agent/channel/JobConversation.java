package dev.holdfast.agent.channel;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FromRunner;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a runner may say of one job, and when: {@code Hello}, perhaps classes, then the steps in
 * their order, then how the job ended. A step that asks is asked for, once, when it is its turn,
 * and starts only after {@link #mayStart}. Everything that passes is in order and within {@link
 * Bounds}; everything else is a {@link ProtocolViolation}, after which nothing is to be believed.
 * Thread-safe.
 */
public final class JobConversation {
  /** More values than any message of a job has. */
  private static final int PARTS = 100;

  private enum Phase {
    NEW,
    GREETED,
    BETWEEN_STEPS,
    /** A step waits to be let in. */
    ASKED,
    /** The step that asked was let in, and did not start yet. */
    LET_IN,
    /** The step that asked was told how it ends. */
    TURNED_AWAY,
    IN_STEP,
    OVER
  }

  private final int steps;
  private final Set<Integer> asking;
  private final boolean wantsClasses;
  private final Bounds bounds;
  private Phase phase = Phase.NEW;
  private int next;
  private boolean failed;
  private boolean classesCame;
  private long logged;
  private int outputs;
  private int summaries;
  private int summaryLength;
  private @Nullable StepResult told;

  /**
   * @param steps that the job has
   * @param asking those of them that ask before they start
   * @param wantsClasses whether the runner compiles, since the job has code and none was given
   */
  public JobConversation(int steps, Set<Integer> asking, boolean wantsClasses, Bounds bounds) {
    this.steps = steps;
    this.asking = Set.copyOf(asking);
    this.wantsClasses = wantsClasses;
    this.bounds = bounds;
  }

  /** Bytes of log so far. */
  public synchronized long logged() {
    return logged;
  }

  /** The step that runs now. */
  public synchronized Optional<Integer> running() {
    return phase == Phase.IN_STEP ? Optional.of(next) : Optional.empty();
  }

  /** Whether a step has started: from then on, what happens in the sandbox is the job's doing. */
  public synchronized boolean begun() {
    return phase == Phase.IN_STEP || next > 0;
  }

  /**
   * Lets the step in that waits. To be called before the runner is told.
   *
   * @return false if that step does not wait any more: nothing is to be sent
   */
  public synchronized boolean mayStart(int step) {
    if (phase != Phase.ASKED || step != next) {
      return false;
    }
    phase = Phase.LET_IN;
    return true;
  }

  /**
   * Ends the step that waits; the runner can only repeat that result. As {@link #mayStart}.
   *
   * @param result that it was cancelled, failed, or took too long
   */
  public synchronized boolean ends(int step, StepResult result) {
    if (phase != Phase.ASKED || step != next) {
      return false;
    }
    phase = Phase.TURNED_AWAY;
    told = result;
    return true;
  }

  /** What {@code frame} says. */
  public synchronized Said take(Frame frame) throws ProtocolViolation {
    return switch (frame.kind()) {
      case LOG -> log(frame.payload());
      case CLASSES -> classes(frame.payload());
      case SECRETS -> throw outOfOrder("a frame with secrets");
      case CONTROL -> control(Messages.read(frame.payload(), PARTS));
    };
  }

  private Said log(byte[] bytes) throws ProtocolViolation {
    require(phase == Phase.IN_STEP, "output while no step runs");
    require(bytes.length > 0, "an empty piece of output");
    logged += bytes.length;
    if (logged > bounds.log()) {
      throw new ProtocolViolation(
          "the job printed more than "
              + bounds.log()
              + " bytes; print less, or write to a file in the workspace");
    }
    return new Said.Log(bytes);
  }

  private Said classes(byte[] zip) throws ProtocolViolation {
    require(phase == Phase.GREETED && !classesCame, "classes at a time when none are compiled");
    require(wantsClasses, "classes that nobody asked for");
    classesCame = true;
    return new Said.Classes(zip);
  }

  private Said control(FromRunner message) throws ProtocolViolation {
    return switch (message) {
      case FromRunner.Hello(int version) -> hello(version);
      case FromRunner.StepWaits(int step) -> waits(step);
      case FromRunner.StepStarted(int step) -> started(step);
      case FromRunner.StepFinished(int step, StepResult result) -> finished(step, result);
      case FromRunner.Output output -> output(output);
      case FromRunner.Summary(String markdown) -> summary(markdown);
      case FromRunner.JobFinished(Outcome outcome) -> over(outcome);
      case FromRunner.Evaluated evaluated ->
          throw outOfOrder("an evaluation that nobody asked for");
    };
  }

  private Said hello(int version) throws ProtocolViolation {
    require(phase == Phase.NEW, "a second greeting");
    if (version != FromRunner.VERSION) {
      throw new ProtocolViolation(
          "the runner speaks version "
              + version
              + " of the channel and this agent "
              + FromRunner.VERSION
              + "; both must come from one distribution");
    }
    phase = Phase.GREETED;
    return new Said.Ready();
  }

  private Said waits(int step) throws ProtocolViolation {
    require(
        phase == Phase.GREETED || phase == Phase.BETWEEN_STEPS,
        "that a step waits, at a time when none can");
    require(step == next && step < steps, "that step " + step + " waits, out of turn");
    require(asking.contains(step), "that a step waits that needs nothing");
    phase = Phase.ASKED;
    return new Said.StepWaits(step);
  }

  private Said started(int step) throws ProtocolViolation {
    boolean asks = asking.contains(next);
    require(
        phase == Phase.GREETED || phase == Phase.BETWEEN_STEPS || phase == Phase.LET_IN,
        phase == Phase.IN_STEP ? "a step inside a step" : "the start of a step that was not let in");
    require(step == next && step < steps, "the start of step " + step + " out of turn");
    require(asks == (phase == Phase.LET_IN), "the start of a step that was not let in");
    phase = Phase.IN_STEP;
    return new Said.StepStarted(step);
  }

  private Said finished(int step, StepResult result) throws ProtocolViolation {
    boolean ran = phase == Phase.IN_STEP;
    boolean asked =
        phase == Phase.ASKED || phase == Phase.LET_IN || phase == Phase.TURNED_AWAY;
    require(
        ran || asked || phase == Phase.GREETED || phase == Phase.BETWEEN_STEPS,
        "the end of a step at a time when none can end");
    require(step == next && step < steps, "the end of step " + step + " out of turn");
    // A cancel may cross the answer, and ends the wait as well.
    require(
        !asked || result.equals(told) || result instanceof StepResult.Cancelled,
        "another end of a step that waited than it was told");
    StepResult clean =
        switch (result) {
          case StepResult.Skipped() -> {
            require(!ran, "that a step was skipped that had started");
            yield result;
          }
          case StepResult.Succeeded() -> {
            require(ran, "that a step succeeded that had not started");
            yield result;
          }
          case StepResult.Failed(int exitCode, String reason) -> {
            require(ran || asked, "that a step failed that had not started");
            yield new StepResult.Failed(exitCode, Messages.line(reason));
          }
          case StepResult.TimedOut() -> result;
          case StepResult.Cancelled() -> result;
        };
    failed |= !(clean instanceof StepResult.Succeeded) && !(clean instanceof StepResult.Skipped);
    phase = Phase.BETWEEN_STEPS;
    told = null;
    next++;
    return new Said.StepFinished(step, clean);
  }

  private Said output(FromRunner.Output output) throws ProtocolViolation {
    require(phase == Phase.IN_STEP, "an output while no step runs");
    if (output.value().length() > dev.holdfast.model.wire.Bounds.LONGEST_OUTPUT) {
      throw new ProtocolViolation(
          "the output "
              + Quote.of(output.name().value())
              + " is longer than 64 KiB; outputs are for versions and names, not for files");
    }
    outputs++;
    if (outputs > bounds.outputs()) {
      throw new ProtocolViolation("the job set outputs more than " + bounds.outputs() + " times");
    }
    return new Said.Output(output.name(), output.value());
  }

  private Said summary(String markdown) throws ProtocolViolation {
    require(phase == Phase.IN_STEP, "a summary while no step runs");
    summaries++;
    summaryLength += markdown.length();
    if (markdown.length() > dev.holdfast.model.wire.Bounds.LONGEST_SUMMARY
        || summaries > bounds.summaries()
        || summaryLength > bounds.summaryLength()) {
      throw new ProtocolViolation(
          "the job's summaries are longer than 256 KiB, more than "
              + bounds.summaries()
              + ", or together longer than "
              + bounds.summaryLength()
              + " characters");
    }
    return new Said.Summary(markdown);
  }

  private Said over(Outcome outcome) throws ProtocolViolation {
    require(
        phase == Phase.GREETED || phase == Phase.BETWEEN_STEPS, "that the job is over in a step");
    Outcome clean =
        switch (outcome) {
          case Outcome.Succeeded() -> {
            require(next == steps && !failed, "success before every step had succeeded");
            yield outcome;
          }
          case Outcome.Failed(String reason, int exitCode) ->
              new Outcome.Failed(Messages.line(reason), exitCode);
          case Outcome.TimedOut(String reason) -> new Outcome.TimedOut(Messages.line(reason));
          case Outcome.Refused(String reason) -> new Outcome.Refused(Messages.line(reason));
          // Trying again is for hosts that break. Once its steps run, a job could ask for it at
          // will.
          case Outcome.Broken(String reason) ->
              begun()
                  ? new Outcome.Failed("the runner broke: " + Messages.line(reason), 1)
                  : new Outcome.Broken(Messages.line(reason));
          case Outcome.Cancelled() -> outcome;
        };
    phase = Phase.OVER;
    return new Said.Finished(clean);
  }

  private void require(boolean ok, String what) throws ProtocolViolation {
    if (!ok) {
      throw outOfOrder(what);
    }
  }

  private static ProtocolViolation outOfOrder(String what) {
    return new ProtocolViolation(
        "the runner sent " + what + ": the job meddled with its runner, and was ended");
  }
}
