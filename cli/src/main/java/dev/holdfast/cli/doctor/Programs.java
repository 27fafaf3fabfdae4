package dev.holdfast.cli.doctor;

import java.util.List;

/** Programs of others that jobs' walls need. */
final class Programs {
  private static final String[] PLACES = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"
  };

  private Programs() {}

  /**
   * @param why what does without it
   * @param needs whether only an agent that is root, or only one that is not, calls it
   */
  private record Needed(String name, String debian, String why, Who needs) {}

  private enum Who {
    ALL,
    ROOT,
    OTHERS
  }

  private static final List<Needed> ALL =
      List.of(
          new Needed("bwrap", "bubblewrap", "namespaces", Who.ALL),
          new Needed("setpriv", "util-linux", "namespaces", Who.ALL),
          new Needed("prlimit", "util-linux", "namespaces", Who.ALL),
          new Needed("mkfs.ext4", "e2fsprogs", "disks of workspaces", Who.ROOT),
          new Needed("mount", "mount", "disks of workspaces", Who.ROOT),
          new Needed("nft", "nftables", "egress", Who.ROOT),
          new Needed("ip", "iproute2", "egress", Who.ROOT),
          new Needed("newuidmap", "uidmap", "an engine without root", Who.OTHERS));

  static Finding examine(Host host, boolean root) {
    List<Needed> lacking =
        ALL.stream()
            .filter(p -> p.needs() == Who.ALL || (p.needs() == Who.ROOT) == root)
            .filter(p -> !host.hasProgram(p.name(), PLACES))
            .toList();
    if (lacking.isEmpty()) {
      return Finding.ok("programs", "all that jobs' walls need");
    }
    return Finding.weak(
        "programs",
        "not found: "
            + String.join(
                ", ", lacking.stream().map(p -> p.name() + " (" + p.why() + ")").toList()),
        "apt-get install "
            + String.join(" ", lacking.stream().map(Needed::debian).distinct().toList()));
  }
}
