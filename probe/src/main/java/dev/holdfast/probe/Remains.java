package dev.holdfast.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What jobs left on the host. */
final class Remains {
  private Remains() {}

  /** The processes of this host with {@code mark} in their arguments. */
  static List<ProcessHandle> processes(String mark) throws IOException {
    var found = new ArrayList<ProcessHandle>();
    try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        if (arguments(process).contains(mark)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static String arguments(Path process) {
    try {
      return new String(
          Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // It ended while its name was read.
      return "";
    }
  }
}
