package dev.holdfast.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to see whether it works.
 *
 * @param code what it ended with; -1 if it did not start or did not end
 * @param said the first line that it printed
 */
record Tried(int code, String said, Duration took) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  boolean worked() {
    return code == 0;
  }

  /** Runs {@code command} with nothing on its input; empty if there is no such program. */
  static Optional<Tried> run(List<String> command) throws InterruptedException {
    long start = System.nanoTime();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
    } catch (IOException e) {
      return Optional.empty();
    }
    // Its first bytes fit into the pipe, so that waiting before reading cannot block it for long;
    // what prints more than that is not asked here, and would be ended below.
    boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    var took = Duration.ofNanos(System.nanoTime() - start);
    if (!ended) {
      process.destroyForcibly();
      return Optional.of(new Tried(-1, "no end after " + PATIENCE.toSeconds() + " s", took));
    }
    try (var out = process.getInputStream()) {
      String text = new String(out.readNBytes(4096), StandardCharsets.UTF_8).strip();
      return Optional.of(new Tried(process.exitValue(), text.lines().findFirst().orElse(""), took));
    } catch (IOException e) {
      return Optional.of(new Tried(-1, String.valueOf(e.getMessage()), took));
    }
  }
}
