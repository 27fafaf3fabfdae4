package dev.holdfast.bench.host;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs programs to their end. */
public final class Programs {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Programs() {}

  /**
   * @param millis from before it was started until it had ended
   */
  public record Finished(int status, String output, double millis) {}

  /** The environment that everything is measured in: no configuration of this user's takes part. */
  public static Map<String, String> environment(Path home) {
    var all = new LinkedHashMap<String, String>();
    all.put("PATH", PATH);
    all.put("HOME", home.toString());
    all.put("LANG", "C.UTF-8");
    all.put("GIT_CONFIG_NOSYSTEM", "1");
    all.put("GIT_CONFIG_GLOBAL", "/dev/null");
    String engine = System.getenv("DOCKER_HOST");
    if (engine != null) {
      all.put("DOCKER_HOST", engine);
    }
    return all;
  }

  static ProcessBuilder builder(
      List<String> command, Map<String, String> environment, @Nullable Path directory) {
    var builder = new ProcessBuilder(command);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  /** Runs {@code command} and keeps what it prints; for programs that print little. */
  public static Finished run(List<String> command, Map<String, String> environment, Path directory)
      throws IOException, InterruptedException {
    var builder = builder(command, environment, directory).redirectErrorStream(true);
    builder.redirectInput(new File("/dev/null"));
    long began = System.nanoTime();
    Process process = builder.start();
    try {
      byte[] output = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      double millis = millisSince(began);
      return new Finished(status, new String(output, StandardCharsets.UTF_8).strip(), millis);
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * As {@link #run}, for what must succeed.
   *
   * @throws IOException if it did not
   */
  public static Finished must(List<String> command, Map<String, String> environment, Path directory)
      throws IOException, InterruptedException {
    Finished finished = run(command, environment, directory);
    if (finished.status() != 0) {
      throw new IOException(
          String.join(" ", command.subList(0, Math.min(4, command.size())))
              + " ended with status "
              + finished.status()
              + ": "
              + finished.output());
    }
    return finished;
  }

  /** Milliseconds since {@code nanos} of {@link System#nanoTime}. */
  public static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }
}
