package dev.holdfast.runner.step;

import java.time.Duration;

/**
 * Waits for what runs, and stops it when its time is over or somebody cancels: first by asking,
 * then, {@link #PATIENCE} later, by force. Thread-safe; one thread supervises.
 */
public final class Supervisor {
  /** How something that was supervised came to its end. */
  public enum Ending {
    BY_ITSELF,
    TIMED_OUT,
    CANCELLED
  }

  /** For a build tool to remove its lock files; short enough that a cancel feels like one. */
  private static final long PATIENCE = Duration.ofSeconds(3).toNanos();

  /** How long to wait for the dead: code that ignores its interrupt is then left behind. */
  private static final long LAST = Duration.ofSeconds(2).toNanos();

  /** What steps that always run get after a cancel, as {@code ToRunner.Cancel} promises. */
  private static final long GRACE = Duration.ofSeconds(30).toNanos();

  private int cancels;
  private long graceEnds;

  /** The agent asked to stop. The second time means at once. */
  public synchronized void cancel() {
    if (cancels++ == 0) {
      graceEnds = System.nanoTime() + GRACE;
    }
    notifyAll();
  }

  public synchronized boolean cancelled() {
    return cancels > 0;
  }

  /** Whether not even a step that always runs may run any more. */
  public synchronized boolean stopped() {
    return cancels > 1 || (cancels == 1 && System.nanoTime() - graceEnds >= 0);
  }

  /** Something that may be supervised has ended. */
  public synchronized void changed() {
    notifyAll();
  }

  /**
   * Returns when {@code running} is over, or could not be ended.
   *
   * @param deadline by {@link System#nanoTime}
   * @param always whether a first cancel leaves it its grace
   */
  public Ending supervise(Running running, long deadline, boolean always)
      throws InterruptedException {
    Ending ending = await(running, deadline, always);
    if (ending != Ending.BY_ITSELF) {
      running.terminate();
      if (!awaitOver(running, PATIENCE, true)) {
        running.kill();
        awaitOver(running, LAST, false);
      }
    }
    return ending;
  }

  private synchronized Ending await(Running running, long deadline, boolean always)
      throws InterruptedException {
    while (!running.over()) {
      if (cancels > 0 && (!always || stopped())) {
        return Ending.CANCELLED;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return Ending.TIMED_OUT;
      }
      long graceLeft = cancels > 0 ? graceEnds - System.nanoTime() : left;
      wait(millis(Math.min(left, graceLeft)));
    }
    return Ending.BY_ITSELF;
  }

  private synchronized boolean awaitOver(Running running, long nanos, boolean hurry)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (!running.over()) {
      long left = end - System.nanoTime();
      if (left <= 0 || (hurry && cancels > 1)) {
        return false;
      }
      wait(millis(left));
    }
    return true;
  }

  private static long millis(long nanos) {
    return Math.max(1, nanos / 1_000_000);
  }
}
