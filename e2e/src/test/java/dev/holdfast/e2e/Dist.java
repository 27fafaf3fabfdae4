package dev.holdfast.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The distribution under test: {@code HOLDFAST_DIST}, or {@code dist/} of this checkout. */
final class Dist {
  private static final Path HOME =
      Path.of(Objects.requireNonNullElse(System.getenv("HOLDFAST_DIST"), "../dist"))
          .toAbsolutePath()
          .normalize();

  private Dist() {}

  static Path home() {
    return HOME;
  }

  static String command() {
    Path command = HOME.resolve("bin/holdfast");
    if (!Files.isExecutable(command)) {
      throw new IllegalStateException(
          "no distribution at " + HOME + "; run script/build, or set HOLDFAST_DIST");
    }
    return command.toString();
  }

  /** What a finished command left. */
  record Finished(int exit, String out, String err) {
    Finished ok() {
      if (exit != 0) {
        throw new AssertionError("exit " + exit + "\n" + out + err);
      }
      return this;
    }
  }

  /** Runs {@code holdfast} to its end, with an environment of its own. */
  static Finished run(Path directory, Map<String, String> env, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(command());
    command.addAll(arguments);
    return finish(directory, env, command);
  }

  /** Runs any command to its end, for at most two minutes. */
  static Finished finish(Path directory, Map<String, String> env, List<String> command) {
    try {
      Path out = Files.createTempFile("holdfast-e2e", ".out");
      Path err = Files.createTempFile("holdfast-e2e", ".err");
      var builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(env);
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(Duration.ofMinutes(2).toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError("still running after two minutes: " + command);
      }
      var finished =
          new Finished(
              process.exitValue(),
              Files.readString(out, StandardCharsets.ISO_8859_1),
              Files.readString(err, StandardCharsets.ISO_8859_1));
      Files.delete(out);
      Files.delete(err);
      return finished;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
