package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this process is inside a lab: a network namespace that was made and named for one, that
 * has an interface named {@value #MARK}, and none of a real device.
 */
final class LabCheck {
  static final String MARK = "hflab";

  private static final Path NAMED = Path.of("/run/netns");

  private LabCheck() {}

  static boolean isInLab() throws EgressUnavailable {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/self/net/dev"));
      return isNamedForALab()
          && lines.stream().anyMatch(l -> l.strip().startsWith(MARK + ":"))
          && !hasDevice();
    } catch (IOException e) {
      throw new EgressUnavailable("cannot tell whether this is a lab: " + e.getMessage(), e);
    }
  }

  private static boolean isNamedForALab() throws IOException {
    if (!Files.isDirectory(NAMED)) {
      return false;
    }
    try (var namespaces = Files.newDirectoryStream(NAMED, "hfl*h")) {
      for (Path namespace : namespaces) {
        if (Files.isSameFile(namespace, Path.of("/proc/self/ns/net"))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean hasDevice() throws IOException {
    try (var links = Files.newDirectoryStream(Path.of("/sys/class/net"))) {
      for (Path link : links) {
        if (Files.exists(link.resolve("device"))) {
          return true;
        }
      }
    }
    return false;
  }
}
