package dev.holdfast.cli.doctor;

import java.util.List;
import java.util.Optional;

/**
 * Other filters of this host, which drop what jobs send although Holdfast's own lets it through.
 */
final class Firewall {
  private Firewall() {}

  static Finding examine() throws InterruptedException {
    Optional<String> version = said("--version");
    if (version.isEmpty()) {
      return Finding.ok("firewall", "no iptables here");
    }
    return of(
        version.get(),
        Lines.of("iptables", "-w", "5", "-S", "FORWARD"),
        Lines.of("iptables", "-w", "5", "-S", "DOCKER-USER"));
  }

  private static Optional<String> said(String argument) throws InterruptedException {
    return Tried.run(List.of("iptables", argument)).filter(Tried::worked).map(Tried::said);
  }

  /**
   * @param version as iptables says it
   * @param forward rules of {@code FORWARD}; empty where this user may not see them
   * @param docker rules of Docker's chain for administrators; empty where there is none
   */
  static Finding of(String version, Optional<List<String>> forward, Optional<List<String>> docker) {
    String kind =
        version.contains("nf_tables")
            ? "iptables by nf_tables"
            : version.contains("legacy") ? "iptables by the older kernel tables" : version;
    if (forward.isEmpty()) {
      return Finding.ok("firewall", kind + "; only root may see its rules");
    }
    if (!forward.get().contains("-P FORWARD DROP")) {
      return Finding.ok("firewall", kind + " does not drop what this host forwards");
    }
    if (docker.isPresent()) {
      return Finding.ok(
          "firewall",
          kind + " drops what it does not know; agents let jobs through in chain DOCKER-USER");
    }
    boolean open =
        forward.get().contains("-A FORWARD -i hfj+ -j ACCEPT")
            && forward.get().contains("-A FORWARD -o hfj+ -j ACCEPT");
    return open
        ? Finding.ok("firewall", kind + " lets jobs through to Holdfast's own filter")
        : Finding.weak(
            "firewall",
            kind + " drops what this host forwards (FORWARD policy DROP), so jobs reach nothing",
            "iptables -I FORWARD -i hfj+ -j ACCEPT && iptables -I FORWARD -o hfj+ -j ACCEPT");
  }
}
