package dev.holdfast.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** All that a program prints, of which a look at the host needs more than the first line. */
final class Lines {
  private static final int MOST_BYTES = 256 * 1024;

  private Lines() {}

  /** Empty if there is no such program, it failed, or it took longer than 10 s. */
  static Optional<List<String>> of(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      byte[] said = process.getInputStream().readNBytes(MOST_BYTES);
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return process.exitValue() == 0
          ? Optional.of(new String(said, StandardCharsets.UTF_8).lines().toList())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
