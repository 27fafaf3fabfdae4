package dev.holdfast.bench.throughput;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the agents of one measurement have done: which jobs, how often, and until when. Thread-safe.
 */
final class Work {
  private final Set<String> attempts = new HashSet<>();
  private final Set<String> jobs = new HashSet<>();
  private final List<String> again = new ArrayList<>();
  private @Nullable Throwable failure;
  private long lastNanos;

  /** The orchestrator acknowledged the end of this attempt. */
  synchronized void finished(String run, String job, String attempt) {
    if (!attempts.add(attempt) || !jobs.add(run + " " + job)) {
      again.add(run + " " + job);
    }
    lastNanos = System.nanoTime();
    notifyAll();
  }

  /** An agent cannot go on. */
  synchronized void failed(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  /** How many jobs are done. */
  synchronized int done() {
    return jobs.size();
  }

  /**
   * Waits until {@code count} jobs are done.
   *
   * @return {@link System#nanoTime} of the last one's acknowledgement
   * @throws IllegalStateException if an agent cannot go on, or a job was done twice
   */
  synchronized long await(int count) throws InterruptedException {
    while (jobs.size() < count && failure == null) {
      wait();
    }
    if (failure != null) {
      throw new IllegalStateException("an agent cannot go on: " + failure, failure);
    }
    if (!again.isEmpty()) {
      throw new IllegalStateException(
          again.size() + " jobs were given out twice, among them " + again.getFirst());
    }
    return lastNanos;
  }
}
