package dev.holdfast.agent.sandbox.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Who listens in another network namespace, as the kernel lists it. */
final class Listening {
  private static final String LISTEN = "0A";

  /** Any address, and 127.0.0.1, as the kernel writes them, on machines of either byte order. */
  private static final Set<String> REACHED_LOCALLY =
      Set.of(
          "00000000",
          "0100007F",
          "7F000001",
          "0".repeat(32),
          "0000000000000000FFFF00000100007F",
          "00000000000000000000FFFF7F000001");

  private Listening() {}

  /**
   * Whether a TCP connection to 127.0.0.1 at {@code port} is accepted in the network of {@code
   * process}.
   */
  static boolean at(long process, int port) throws IOException {
    Path directory = Path.of("/proc", Long.toString(process), "net");
    return accepts(Files.readAllLines(directory.resolve("tcp")), port)
        || accepts(linesIfThere(directory.resolve("tcp6")), port);
  }

  /** A kernel without IPv6 has no such file. */
  private static List<String> linesIfThere(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  static boolean accepts(List<String> table, int port) {
    String wanted = "%04X".formatted(port);
    return table.stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields.length > 3 && fields[3].equals(LISTEN))
        .map(fields -> fields[1].split(":"))
        .anyMatch(local ->
            local.length == 2 && local[1].equals(wanted) && REACHED_LOCALLY.contains(local[0]));
  }
}
