package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What stays the same on a host, for all its agents. */
final class HostIdentity {
  /** The second is another one after a start of the machine, which ends all jobs too. */
  private static final List<Path> PLACES =
      List.of(Path.of("/etc/machine-id"), Path.of("/proc/sys/kernel/random/boot_id"));

  private HostIdentity() {}

  static String read() throws EgressUnavailable {
    for (Path place : PLACES) {
      try {
        if (Files.isReadable(place)) {
          String identity = Files.readString(place).strip();
          if (identity.length() >= 32) {
            return identity;
          }
        }
      } catch (IOException e) {
        throw new EgressUnavailable("cannot read " + place + ": " + e.getMessage(), e);
      }
    }
    throw new EgressUnavailable(
        "this host has no /etc/machine-id; systemd-machine-id-setup makes it");
  }
}
