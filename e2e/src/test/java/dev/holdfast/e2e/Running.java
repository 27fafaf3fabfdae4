package dev.holdfast.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A long-lived {@code holdfast} process and what it printed so far. */
final class Running implements AutoCloseable {
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);

  private Running(Process process) {
    this.process = process;
  }

  static Running start(Path directory, Map<String, String> env, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Dist.command());
    command.addAll(List.of(arguments));
    return start(directory, env, command);
  }

  /** Starts any command. */
  static Running start(Path directory, Map<String, String> env, List<String> command) {
    try {
      var builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.redirectErrorStream(true).environment().putAll(env);
      var running = new Running(builder.start());
      Thread.ofPlatform().daemon().name("output of " + command.getLast()).start(running::read);
      return running;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void read() {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      synchronized (lines) {
        lines.add("(output broke off: " + e.getMessage() + ")");
      }
    } finally {
      over.countDown();
      synchronized (lines) {
        lines.notifyAll();
      }
    }
  }

  /** The first line, past or to come within half a minute, of which {@code wanted} is true. */
  String awaitLine(Predicate<String> wanted) throws InterruptedException {
    return awaitLine(wanted, Duration.ofSeconds(30));
  }

  /** The same, to come within {@code patience}. */
  String awaitLine(Predicate<String> wanted, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (lines) {
      while (true) {
        var found = lines.stream().filter(wanted).findFirst();
        if (found.isPresent()) {
          return found.get();
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0 || over.getCount() == 0) {
          throw new AssertionError("the line did not come; it printed " + lines);
        }
        lines.wait(left);
      }
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** {@code kill -9} of this process alone, not of what it started. */
  void kill9() throws InterruptedException {
    signal("KILL");
    process.waitFor();
  }

  void signal(String name) {
    Dist.finish(Path.of("/"), Map.of(), List.of("kill", "-" + name, Long.toString(process.pid())))
        .ok();
  }

  /** SIGTERM, and half a minute to follow it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError("did not stop within 30 s of SIGTERM; it printed " + lines());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
