package dev.holdfast.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that runs until it is told to stop, by SIGTERM, SIGINT or SIGHUP. It then ends with 0,
 * since it did what it was told. Opened by the thread that works; closed by it when work is over.
 */
final class Service implements AutoCloseable {
  /** Ends the work; the thread that works returns soon after. */
  interface Stop {
    void run() throws Exception;
  }

  /** From the end of the work to the end of the process, for closing things. */
  private static final long CLOSING_MILLIS = 20_000;

  private final Stop stop;
  private final Thread worker = Thread.currentThread();
  private final Thread hook = new Thread(this::stop, "stop");
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  private Service(Stop stop) {
    this.stop = stop;
  }

  static Service open(Stop stop) {
    var service = new Service(stop);
    Runtime.getRuntime().addShutdownHook(service.hook);
    return service;
  }

  private void stop() {
    told.countDown();
    int code = 0;
    try {
      stop.run();
    } catch (Exception e) {
      log().error("did not stop well: {}", String.valueOf(e.getMessage()));
      code = 5;
    }
    stopped.countDown();
    try {
      worker.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(code);
  }

  /** For work that goes on by itself: returns when the process is told to stop. */
  void awaitSignal() throws InterruptedException {
    told.await();
  }

  /** The work is over; where that is because of a signal, waits until the stop is complete. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      awaitStopped();
    }
  }

  private void awaitStopped() {
    boolean interrupted = false;
    while (true) {
      try {
        stopped.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends this process as by a signal when its standard input ends: so a child goes with its parent,
   * however that one went.
   */
  static void exitAtEof() {
    Thread.ofPlatform()
        .daemon()
        .name("parent")
        .start(() -> {
          try {
            while (System.in.read() >= 0) {
              // Nothing is said here; only the end matters.
            }
          } catch (IOException e) {
            log().warn("standard input broke: {}", String.valueOf(e.getMessage()));
          }
          System.exit(0);
        });
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Service.class);
  }
}
