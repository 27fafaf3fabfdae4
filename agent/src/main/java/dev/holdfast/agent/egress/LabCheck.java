package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
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

  /** Whether it has anything but its own loopback and pairs, as the uplink of a real host. */
  private static boolean hasDevice() throws EgressUnavailable {
    // Not from /sys, which may be mounted for another namespace.
    String links =
        Program.need("ip", "iproute2").must("list the links", "", "-d", "-o", "link", "show");
    return links
        .lines()
        .anyMatch(link -> !link.matches("\\d+: lo: .*") && !link.contains(" veth "));
  }
}
