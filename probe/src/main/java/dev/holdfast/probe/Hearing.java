package dev.holdfast.probe;

import dev.holdfast.agent.job.AttemptReporter;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Hears of one job what an orchestrator would. Thread-safe. */
final class Hearing implements AttemptReporter {
  /** An attack says a line; what floods is counted only. */
  private static final int KEPT = 64 * 1024;

  private final List<AttemptEvent> events = new ArrayList<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private long logged;

  @Override
  public synchronized void event(AttemptEvent event) {
    events.add(event);
    notifyAll();
  }

  @Override
  public synchronized void log(byte[] bytes) {
    logged += bytes.length;
    // The answer is what a program says last.
    if (log.size() + bytes.length > KEPT) {
      byte[] old = log.toByteArray();
      log.reset();
      int kept = Math.min(old.length, KEPT / 2);
      log.write(old, old.length - kept, kept);
    }
    int taken = Math.min(bytes.length, KEPT / 2);
    log.write(bytes, bytes.length - taken, taken);
    notifyAll();
  }

  /** Waits until the log has {@code word}; false if the job is over, or it takes too long. */
  synchronized boolean await(String word, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (!log().contains(word)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0 || over()) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  private boolean over() {
    return !events.isEmpty() && events.getLast() instanceof AttemptEvent.Finished;
  }

  synchronized String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  synchronized long logged() {
    return logged;
  }

  synchronized List<AttemptEvent> events() {
    return List.copyOf(events);
  }

  /** How it ended; broken if it never said. */
  synchronized Outcome outcome() {
    return over()
        ? ((AttemptEvent.Finished) events.getLast()).outcome()
        : new Outcome.Broken("it ended without a result");
  }
}
