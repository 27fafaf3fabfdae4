package dev.holdfast.agent.job;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A time limit that can stand still. Runs from the start. Thread-safe. */
final class Countdown {
  private final ScheduledExecutorService timer;
  private final Runnable over;
  private long left;
  private long since;
  private boolean ended;
  private @Nullable ScheduledFuture<?> end;

  /**
   * @param over is run by the timer when the limit is reached
   */
  Countdown(ScheduledExecutorService timer, Duration limit, Runnable over) {
    this.timer = timer;
    this.over = over;
    left = limit.toNanos();
    goOn();
  }

  /** Lets it run; nothing if it does. */
  synchronized void goOn() {
    if (end == null && !ended) {
      since = System.nanoTime();
      end = timer.schedule(over, left, TimeUnit.NANOSECONDS);
    }
  }

  /** Lets it stand still; nothing if it does. */
  synchronized void pause() {
    if (end != null) {
      end.cancel(false);
      end = null;
      left = Math.max(0, left - (System.nanoTime() - since));
    }
  }

  /** Ends it for good. */
  synchronized void cancel() {
    ended = true;
    pause();
  }
}
