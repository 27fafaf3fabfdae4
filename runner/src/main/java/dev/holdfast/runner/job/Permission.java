package dev.holdfast.runner.job;

import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.runner.secret.StepSecrets;
import dev.holdfast.runner.step.Running;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the agent says to a step that asked whether it may start. Thread-safe. */
public final class Permission {
  private final Runnable changed;
  private @Nullable Question last;

  /**
   * @param changed is run when an answer has come
   */
  public Permission(Runnable changed) {
    this.changed = changed;
  }

  /** What the agent says. */
  public sealed interface Answer {
    /**
     * @param secrets that it is given, for it to wipe
     * @param withheld why it is not given what else it names
     * @param alone whether everything else of the job is to end before
     */
    record MayStart(StepSecrets secrets, Map<String, String> withheld, boolean alone)
        implements Answer {}

    /** The step ended like this, without having started. */
    record Ends(StepResult result) implements Answer {}
  }

  /** One step's question. It is over once there is an answer, or nobody waits for one. */
  static final class Question implements Running {
    private final int step;
    private @Nullable Answer answer;
    private boolean answered;
    private boolean over;

    private Question(int step) {
      this.step = step;
    }

    @Override
    public synchronized boolean over() {
      return over;
    }

    /** Nobody waits any more: what still comes is wiped. */
    @Override
    public synchronized void terminate() {
      over = true;
      if (answer instanceof Answer.MayStart may) {
        may.secrets().close();
      }
    }

    @Override
    public void kill() {
      terminate();
    }

    /** What was said, for a question that is over by itself. */
    synchronized Answer answer() {
      if (answer == null) {
        throw new IllegalStateException("there is no answer yet");
      }
      return answer;
    }

    private synchronized boolean take(Answer said) {
      if (answered) {
        return false;
      }
      answered = true;
      answer = said;
      if (over && said instanceof Answer.MayStart may) {
        may.secrets().close();
      }
      over = true;
      return true;
    }
  }

  /** To be made before the agent is asked. */
  synchronized Question question(int step) {
    var question = new Question(step);
    last = question;
    return question;
  }

  /** The agent has answered. */
  public void answered(int step, Answer answer) throws BrokenChannel {
    Question question;
    synchronized (this) {
      question = last;
    }
    boolean ofEarlier = question != null && step < question.step;
    if (ofEarlier) {
      // A cancel crossed the answer, and another step asks by now.
      if (answer instanceof Answer.MayStart may) {
        may.secrets().close();
      }
      return;
    }
    if (question == null || step > question.step || !question.take(answer)) {
      throw new BrokenChannel("the agent answered for step " + step + ", which did not ask");
    }
    changed.run();
  }
}
