package dev.holdfast.cli.machines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The host that is prepared.
 *
 * @param root {@code /}; another folder in tests
 * @param programs runs a program of the host to its good end, and gives what it printed
 */
public record SetupHost(Path root, Programs programs) {
  private static final int PATIENCE_MINUTES = 30;
  private static final int MOST_SAID = 256 * 1024;
  private static final List<String> PLACES =
      List.of("usr/sbin", "usr/bin", "usr/local/sbin", "usr/local/bin", "sbin", "bin");

  /** How programs are run. */
  public interface Programs {
    String run(String... command) throws SetupFailed, InterruptedException;
  }

  /** This one. */
  public static SetupHost here() {
    return new SetupHost(Path.of("/"), SetupHost::run);
  }

  /** A file of it. */
  Path at(String path) {
    return root.resolve(path.substring(1));
  }

  boolean hasProgram(String name) {
    return PLACES.stream().anyMatch(place -> Files.isExecutable(root.resolve(place).resolve(name)));
  }

  /** The lines of a file; none if it is not there. */
  List<String> lines(String path) throws SetupFailed {
    try {
      return Files.exists(at(path)) ? Files.readAllLines(at(path)) : List.of();
    } catch (IOException | UncheckedIOException e) {
      throw new SetupFailed(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String run(String... command) throws SetupFailed, InterruptedException {
    var all = new ArrayList<>(List.of("env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive"));
    all.addAll(List.of(command));
    try {
      Process process =
          new ProcessBuilder(all)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      byte[] said = process.getInputStream().readNBytes(MOST_SAID);
      process.getInputStream().skip(Long.MAX_VALUE);
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new SetupFailed(command[0] + " is not done after " + PATIENCE_MINUTES + " minutes");
      }
      String text = new String(said, StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        String last = text.lines().reduce((a, b) -> b).orElse("nothing");
        throw new SetupFailed(
            String.join(" ", command) + " ended with " + process.exitValue() + ": " + last);
      }
      return text;
    } catch (IOException e) {
      throw new SetupFailed(command[0] + " cannot be run: " + e.getMessage(), e);
    }
  }
}
