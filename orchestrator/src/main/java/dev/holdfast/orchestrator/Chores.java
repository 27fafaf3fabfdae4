package dev.holdfast.orchestrator;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done every second: leases that expire, events whose time has come again. */
final class Chores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chores.class);
  private static final int GRACE_SECONDS = 10;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("chores").daemon().factory());

  Chores(List<Runnable> chores) {
    var _ =
        timer.scheduleWithFixedDelay(() -> chores.forEach(Chores::attempt), 0, 1, TimeUnit.SECONDS);
  }

  private static void attempt(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      // The next second brings another try; a full disk must not end the chores for good.
      LOG.error("a chore failed and is tried again: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a chore did not end in {} seconds", GRACE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
