package dev.holdfast.cli.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says on the error stream what is being waited for, if it takes longer than a second. */
public final class Progress implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread speaker;

  private Progress(Terminal terminal, String what) {
    speaker = Thread.ofPlatform().daemon().name("progress").start(() -> speak(terminal, what));
  }

  /** Begins; ends when closed. */
  public static Progress of(Terminal terminal, String what) {
    return new Progress(terminal, what);
  }

  private void speak(Terminal terminal, String what) {
    try {
      if (!over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        terminal.err().println(terminal.errStyle().dim(what + " …"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
    boolean interrupted = false;
    while (speaker.isAlive()) {
      try {
        speaker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
