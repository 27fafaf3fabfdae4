package dev.holdfast.agent.link;

import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of one attempt that the orchestrator does not have yet, bounded: who adds to a full
 * one waits. One thread takes. Thread-safe.
 */
final class EventQueue {
  private static final int MOST = 1000;
  private static final int MOST_IN_BATCH = 100;

  /** Characters; far below what the orchestrator takes as one body. */
  private static final int BATCH_TEXT = 512 * 1024;

  private final ArrayDeque<AttemptEvent> events = new ArrayDeque<>();
  private long first;
  private boolean ended;

  /** Events that go together. */
  record Batch(long first, List<AttemptEvent> events) {
    boolean finishes() {
      return !events.isEmpty() && events.getLast() instanceof AttemptEvent.Finished;
    }
  }

  synchronized void add(AttemptEvent event) throws InterruptedException {
    while (events.size() >= MOST && !ended) {
      wait();
    }
    if (!ended) {
      events.add(event);
      notifyAll();
    }
  }

  /**
   * What comes next, without removing it; waits until there is something. {@code Finished} comes
   * alone, since it has to wait for the log.
   *
   * @return an empty batch if the queue was ended
   */
  synchronized Batch peek() throws InterruptedException {
    while (events.isEmpty() && !ended) {
      wait();
    }
    var batch = new ArrayList<AttemptEvent>();
    int text = 0;
    for (AttemptEvent event : events) {
      boolean alone = event instanceof AttemptEvent.Finished && !batch.isEmpty();
      text += size(event);
      if (alone || batch.size() == MOST_IN_BATCH || (text > BATCH_TEXT && !batch.isEmpty())) {
        break;
      }
      batch.add(event);
    }
    return new Batch(first, batch);
  }

  private static int size(AttemptEvent event) {
    return switch (event) {
      case AttemptEvent.Output output -> output.value().length();
      case AttemptEvent.Summary summary -> summary.markdown().length();
      case AttemptEvent.Contacted contacted -> 100 * contacted.contacts().size();
      case AttemptEvent.Started started -> 1;
      case AttemptEvent.StepStarted started -> 1;
      case AttemptEvent.SecretsHanded handed -> 1;
      case AttemptEvent.SecretUsed used -> used.path().length();
      case AttemptEvent.StepFinished finished -> 1;
      case AttemptEvent.Finished finished -> 1;
    };
  }

  /**
   * All before {@code next} have arrived.
   *
   * @return whether that can be
   */
  synchronized boolean removeBefore(long next) {
    if (next < first || next > first + events.size()) {
      return false;
    }
    while (first < next) {
      events.remove();
      first++;
    }
    notifyAll();
    return true;
  }

  synchronized void end() {
    ended = true;
    events.clear();
    notifyAll();
  }
}
