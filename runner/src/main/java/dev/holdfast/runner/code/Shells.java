package dev.holdfast.runner.code;

import dev.holdfast.runner.job.SecretsOfStep;
import dev.holdfast.runner.step.LogSink;
import dev.holdfast.runner.step.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The scripts that a step's code runs, so that they end with it. Thread-safe. */
final class Shells {
  private static final long PATIENCE_SECONDS = 2;

  private final Map<String, String> env;
  private final SecretsOfStep secrets;
  private final Path directory;
  private final List<Shell> running = new ArrayList<>();
  private int count;
  private boolean stopped;

  Shells(Map<String, String> env, SecretsOfStep secrets, Path directory) {
    this.env = env;
    this.secrets = secrets;
    this.directory = directory;
  }

  /**
   * Runs one to its end; if the thread is interrupted meanwhile, to an early one.
   *
   * @return its exit code
   */
  int run(String script, LogSink log) {
    var end = new CountDownLatch(1);
    Shell shell;
    synchronized (this) {
      if (stopped) {
        throw new IllegalStateException("the step is over; no script runs any more");
      }
      try {
        Path own = Path.of(Objects.requireNonNull(env.get(Shell.MARK)));
        Path file = own.resolveSibling(own.getFileName() + "-" + count++ + ".sh");
        shell =
            Shell.start(
                Shell.Script.of(script, file),
                env,
                secrets.exposed(),
                directory,
                log,
                end::countDown);
      } catch (IOException e) {
        throw new UncheckedIOException("/bin/sh cannot be started: " + e.getMessage(), e);
      }
      running.add(shell);
    }
    try {
      await(shell, end);
      return shell.exitCode();
    } finally {
      synchronized (this) {
        running.remove(shell);
      }
    }
  }

  private static void await(Shell shell, CountDownLatch end) {
    try {
      end.await();
      shell.settle();
    } catch (InterruptedException e) {
      shell.terminate();
      try {
        if (!end.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          shell.kill();
        }
        shell.settle();
      } catch (InterruptedException again) {
        shell.kill();
      }
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the step was stopped while a script ran", e);
    }
  }

  synchronized void terminate() {
    running.forEach(Shell::terminate);
  }

  /** Ends all, and lets no other start. */
  synchronized void kill() {
    stopped = true;
    running.forEach(Shell::kill);
  }
}
