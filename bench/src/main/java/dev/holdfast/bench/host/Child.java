package dev.holdfast.bench.host;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A process of ours that runs until it is told to stop. What it prints goes to a file, so that
 * nobody has to read along. All that are left end with this program, however it ends, short of
 * SIGKILL.
 */
public final class Child implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LAST_WORDS = 2000;
  private static final Set<Child> ALIVE = new HashSet<>();
  private static boolean ending;

  private final String what;
  private final Process process;
  private final Path output;
  private final Instant started;
  private final long startedNanos;

  private Child(String what, Process process, Path output, Instant started, long startedNanos) {
    this.what = what;
    this.process = process;
    this.output = output;
    this.started = started;
    this.startedNanos = startedNanos;
  }

  /**
   * @param what for people
   * @param environment all of it: nothing is inherited
   * @param output gets what it prints
   */
  public static Child start(
      String what, List<String> command, Map<String, String> environment, Path output)
      throws IOException {
    var builder = Programs.builder(command, environment, output.toAbsolutePath().getParent());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Child child;
    synchronized (ALIVE) {
      if (ending) {
        throw new IOException(what + " is not started: the benchmarks were told to stop");
      }
      Instant started = Instant.now();
      long nanos = System.nanoTime();
      child = new Child(what, builder.start(), output, started, nanos);
      ALIVE.add(child);
    }
    child.process.getOutputStream().close();
    return child;
  }

  public long pid() {
    return process.pid();
  }

  /** When it was started, by the clock on the wall. */
  public Instant started() {
    return started;
  }

  /** When it was started, by {@link System#nanoTime}. */
  public long startedNanos() {
    return startedNanos;
  }

  /** Processor time that it has taken so far. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Processor time that this program itself has taken so far. */
  public static Duration ownCpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Something to be done that may fail. */
  public interface Task {
    void run() throws IOException;
  }

  /** Has {@code task} done by another thread once this has ended. */
  public void onExit(Task task) {
    var _ =
        process
            .onExit()
            .thenRun(() -> {
              try {
                task.run();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  /**
   * Says so if it has ended.
   *
   * @throws IOException with its last words
   */
  public void mustLive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          what + " ended with status " + process.exitValue() + "; it said: " + lastWords());
    }
  }

  /** The end of what it printed. */
  public String lastWords() throws IOException {
    try (var file = new RandomAccessFile(output.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - LAST_WORDS));
      var bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8).strip();
    }
  }

  /** SIGTERM and half a minute to follow it, then SIGKILL. An interrupt does not cut it short. */
  @Override
  public void close() throws IOException {
    process.destroy();
    boolean ended = awaitEnd(System.nanoTime() + PATIENCE.toNanos());
    kill();
    if (!ended) {
      throw new IOException(what + " did not stop within 30 s of SIGTERM; it said: " + lastWords());
    }
  }

  private boolean awaitEnd(long deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void kill() {
    // A sandbox that its agent could not end would outlive it.
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    synchronized (ALIVE) {
      ALIVE.remove(this);
    }
  }

  /** Ends all, and starts no more: an agent asked to stop takes its sandboxes with it. */
  public static void endAll() {
    List<Child> all;
    synchronized (ALIVE) {
      ending = true;
      all = List.copyOf(ALIVE);
    }
    all.forEach(child -> child.process.destroy());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Child child : all) {
      child.awaitEnd(deadline);
      child.kill();
    }
  }
}
