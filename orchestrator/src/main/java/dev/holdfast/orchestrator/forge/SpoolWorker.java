package dev.holdfast.orchestrator.forge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of one repository's {@link Spool}. */
final class SpoolWorker {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolWorker.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Asks the kernel for news of a folder. */
  interface Registration {
    WatchKey register(SpoolWorker worker, Path folder) throws IOException;
  }

  private final Spool spool;
  private final String name;
  private final Duration rescan;
  private final Registration registration;
  private final Semaphore news = new Semaphore(1);
  private volatile boolean stopped;
  private @Nullable Thread thread;

  private @Nullable WatchKey key;
  private @Nullable Object inode;
  private boolean vanished;
  private Duration pause = Duration.ZERO;

  private SpoolWorker(Spool spool, String name, Duration rescan, Registration registration) {
    this.spool = spool;
    this.name = name;
    this.rescan = rescan;
    this.registration = registration;
  }

  static SpoolWorker start(Spool spool, String name, Duration rescan, Registration registration) {
    var worker = new SpoolWorker(spool, name, rescan, registration);
    worker.thread = Thread.ofVirtual().name("spool-" + name).start(worker::run);
    return worker;
  }

  /** Says that there may be something. */
  void wake() {
    news.release();
  }

  void stop() throws InterruptedException {
    stopped = true;
    wake();
    Thread running = thread;
    if (running != null) {
      running.join();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        if (pause.isZero()) {
          var _ = news.tryAcquire(rescan.toNanos(), TimeUnit.NANOSECONDS);
        } else {
          // A push does not cut the pause short: what is in front of it could not be kept.
          pauseUnlessStopped();
        }
        news.drainPermits();
        if (!stopped) {
          look();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      WatchKey registered = key;
      if (registered != null) {
        registered.cancel();
      }
    }
  }

  private void pauseUnlessStopped() throws InterruptedException {
    long until = System.nanoTime() + pause.toNanos();
    while (!stopped && System.nanoTime() < until) {
      var _ = news.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private void look() throws InterruptedException {
    try {
      if (spool.present()) {
        register();
        spool.drain();
        if (vanished || !pause.isZero()) {
          LOG.info("repository {}: pushes arrive again", name);
        }
        vanished = false;
      } else if (!vanished) {
        vanished = true;
        LOG.warn("repository {}: {} is gone; waiting for it", name, spool.folder());
      }
      pause = Duration.ZERO;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (pause.isZero()) {
        LOG.warn("repository {}: a push waits, and is tried again: {}", name, e.getMessage());
      }
      Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  /** Before it is drained, so that nothing comes in between unseen. */
  private void register() throws IOException {
    Path folder = spool.folder();
    Object now = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    WatchKey registered = key;
    // Another folder of the same name is not what the kernel watches.
    if (registered == null || !registered.isValid() || !Objects.equals(now, inode)) {
      if (registered != null) {
        registered.cancel();
      }
      key = registration.register(this, folder);
      inode = now;
    }
  }
}
