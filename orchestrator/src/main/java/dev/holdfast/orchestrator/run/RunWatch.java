package dev.holdfast.orchestrator.run;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for runs to change. Thread-safe. */
public final class RunWatch {
  private final ConcurrentHashMap<String, CountDownLatch> watched = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Says that the run changed. */
  public void changed(String run) {
    CountDownLatch latch = watched.remove(run);
    if (latch != null) {
      latch.countDown();
    }
  }

  /** Waits until {@code over} or patience is; asks at once and then after each change. */
  public void await(String run, Duration patience, BooleanSupplier over)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!closed) {
      // The latch first, so that a change between asking and waiting is not missed.
      CountDownLatch latch = watched.computeIfAbsent(run, r -> new CountDownLatch(1));
      long left = end - System.nanoTime();
      if (over.getAsBoolean() || left <= 0) {
        return;
      }
      if (!latch.await(left, TimeUnit.NANOSECONDS)) {
        return;
      }
    }
  }

  /** Answers all who wait, now and to come. */
  public void close() {
    closed = true;
    watched.values().forEach(CountDownLatch::countDown);
  }
}
