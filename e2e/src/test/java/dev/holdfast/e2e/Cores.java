package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a kernel writes memory down: core files, and swap. */
final class Cores {
  private Cores() {}

  static void assumeTheyAreWrittenBesides() throws IOException {
    String pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern")).strip();
    assumeTrue(
        !pattern.startsWith("|") && !pattern.contains("/"),
        "cores go elsewhere on this host: " + pattern);
  }

  /** Of this process, and of what it starts from now on. */
  static void limit(String limit) throws Exception {
    String self = Long.toString(ProcessHandle.current().pid());
    assertThat(
            new ProcessBuilder("prlimit", "--pid", self, "--core=" + limit)
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  static List<Path> in(Path place) throws IOException {
    try (var files = Files.walk(place)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> String.valueOf(file.getFileName()).matches("core(\\.\\d+)?"))
          .toList();
    }
  }

  /** The files and devices that this host swaps to now; none where it does not. */
  static List<Path> swap() throws IOException {
    return Files.readAllLines(Path.of("/proc/swaps")).stream()
        .skip(1)
        .map(line -> Path.of(line.split("\\s", 2)[0]))
        .toList();
  }
}
