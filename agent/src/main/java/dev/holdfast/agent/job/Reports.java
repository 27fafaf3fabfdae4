package dev.holdfast.agent.job;

import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.nio.charset.StandardCharsets;

/**
 * What is said of one attempt, by its own thread and by those that hear of its services: one at a
 * time, and nothing after the end. Thread-safe.
 */
final class Reports implements AttemptReporter {
  private final AttemptReporter reporter;
  private long logged;
  private boolean lineOpen;
  private boolean over;

  Reports(AttemptReporter reporter) {
    this.reporter = reporter;
  }

  @Override
  public synchronized void event(AttemptEvent event) throws InterruptedException {
    if (!over) {
      over = event instanceof AttemptEvent.Finished;
      reporter.event(event);
    }
  }

  @Override
  public synchronized void log(byte[] bytes) throws InterruptedException {
    if (!over && bytes.length > 0) {
      logged += bytes.length;
      lineOpen = bytes[bytes.length - 1] != '\n';
      reporter.log(bytes);
    }
  }

  /**
   * Adds lines of the agent's own to the log.
   *
   * @param line what there is to say
   * @param quoted what somebody else said of it; may be empty
   */
  synchronized void say(String line, String quoted) throws InterruptedException {
    var text = new StringBuilder(lineOpen ? "\n" : "").append("holdfast: ").append(line);
    if (!quoted.isBlank()) {
      text.append("; the last that it printed:");
      quoted.lines().forEach(each -> text.append("\n  ").append(each));
    }
    log(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes of log so far. */
  synchronized long logged() {
    return logged;
  }
}
