package dev.holdfast.runner.job;

import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.runner.step.Running;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the agent says to a step that asked whether it may start. Thread-safe. */
public final class Permission {
  private final Runnable changed;
  private @Nullable Question last;
  private boolean answered;

  /**
   * @param changed is run when an answer has come
   */
  public Permission(Runnable changed) {
    this.changed = changed;
  }

  /** One step's question. It is over once there is an answer, or nobody waits for one. */
  static final class Question implements Running {
    private final int step;
    private volatile boolean over;
    private volatile @Nullable StepResult end;

    Question(int step) {
      this.step = step;
    }

    @Override
    public boolean over() {
      return over;
    }

    @Override
    public void terminate() {
      over = true;
    }

    @Override
    public void kill() {
      over = true;
    }

    /** How the step ends without having started; empty if it may start. */
    Optional<StepResult> end() {
      return Optional.ofNullable(end);
    }
  }

  /** To be made before the agent is asked. */
  synchronized Question question(int step) {
    var question = new Question(step);
    last = question;
    answered = false;
    return question;
  }

  /**
   * The agent has answered.
   *
   * @param end how the step ends without having started, if it does not start
   */
  public void answered(int step, Optional<StepResult> end) throws BrokenChannel {
    synchronized (this) {
      Question question = last;
      if (question == null || step > question.step || (step == question.step && answered)) {
        throw new BrokenChannel("the agent answered for step " + step + ", which did not ask");
      }
      if (step < question.step) {
        // A cancel crossed the answer, and another step asks by now.
        return;
      }
      answered = true;
      question.end = end.orElse(null);
      question.over = true;
    }
    changed.run();
  }
}
