package dev.holdfast.orchestrator.run;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Waits for runs to change. Thread-safe. */
public final class RunWatch {
  private final ConcurrentHashMap<String, CountDownLatch> watched = new ConcurrentHashMap<>();
  private final Set<Feed> feeds = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Runs that changed.
   *
   * @param more whether there were others too
   */
  public record Changes(Set<String> runs, boolean more) {}

  /** Collects which runs change, for one that listens. Thread-safe. */
  public final class Feed implements AutoCloseable {
    private static final int MOST = 500;

    private final @Nullable String only;
    private final Set<String> changed = new LinkedHashSet<>();
    private boolean more;

    private Feed(@Nullable String only) {
      this.only = only;
    }

    private synchronized void add(String run) {
      if (only == null || only.equals(run)) {
        if (changed.size() < MOST) {
          changed.add(run);
        } else {
          more = true;
        }
        notifyAll();
      }
    }

    private synchronized void wake() {
      notifyAll();
    }

    /** What changed since it was last asked; waits for the first of it at most so long. */
    public synchronized Changes take(Duration patience) throws InterruptedException {
      long end = System.nanoTime() + patience.toNanos();
      for (long left = patience.toNanos();
          changed.isEmpty() && !closed && left > 0;
          left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      var taken = new Changes(Set.copyOf(changed), more);
      changed.clear();
      more = false;
      return taken;
    }

    @Override
    public void close() {
      feeds.remove(this);
    }
  }

  /**
   * Listens from now on.
   *
   * @param only the run to listen for; null for all
   */
  public Feed feed(@Nullable String only) {
    var feed = new Feed(only);
    feeds.add(feed);
    return feed;
  }

  /** Says that the run changed. */
  public void changed(String run) {
    feeds.forEach(feed -> feed.add(run));
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
    feeds.forEach(Feed::wake);
  }
}
