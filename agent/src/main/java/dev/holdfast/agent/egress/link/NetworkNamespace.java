package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace.
 *
 * @param pid of a process in it
 * @param identity which a later process of the same pid does not have
 */
record NetworkNamespace(long pid, String identity) {

  static NetworkNamespace of(long pid) throws EgressUnavailable {
    return new NetworkNamespace(pid, read(Path.of("/proc/" + pid + "/ns/net")));
  }

  static String own() throws EgressUnavailable {
    return read(Path.of("/proc/self/ns/net"));
  }

  private static String read(Path link) throws EgressUnavailable {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      throw new EgressUnavailable(
          "the network namespace " + link + " cannot be read; has the sandbox ended?", e);
    }
  }

  /** The interfaces of our own namespace, by what the kernel says to this process. */
  static List<String> links() throws EgressUnavailable {
    try {
      var names = new ArrayList<String>();
      List<String> lines = Files.readAllLines(Path.of("/proc/self/net/dev"));
      for (String line : lines.subList(2, lines.size())) {
        names.add(line.substring(0, line.indexOf(':')).strip());
      }
      return names;
    } catch (IOException e) {
      throw new EgressUnavailable("cannot read the list of interfaces", e);
    }
  }
}
