package dev.holdfast.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network namespace whose only way out is one address and port at this host, and into which
 * nothing can be opened: as behind a firewall. Needs root.
 */
final class HiddenNetwork implements AutoCloseable {
  private final String name;
  private final int number;

  private HiddenNetwork(String name, int number) {
    this.name = name;
    this.number = number;
  }

  /**
   * Makes one.
   *
   * @param port at {@link #outside} that can be dialled from within
   */
  static HiddenNetwork make(int port) throws IOException {
    // Of 198.18.0.0/15, which is for tests of networks; by the process, so that two do not meet.
    int number = (int) (ProcessHandle.current().pid() % 60_000);
    var made = new HiddenNetwork("hf-hidden-" + number, number);
    try {
      run("ip", "netns", "add", made.name);
      run("ip", "link", "add", made.link(), "type", "veth", "peer", "eth0", "netns", made.name);
      run("ip", "address", "add", made.outside() + "/30", "dev", made.link());
      run("ip", "link", "set", made.link(), "up");
      made.inside("ip", "address", "add", made.within() + "/30", "dev", "eth0");
      made.inside("ip", "link", "set", "lo", "up");
      made.inside("ip", "link", "set", "eth0", "up");
      made.wall(port);
      return made;
    } catch (IOException | AssertionError e) {
      made.close();
      throw e;
    }
  }

  private String link() {
    return "hfh" + number;
  }

  private String address(int last) {
    int at = number * 4 + last;
    return "198." + (18 + (at >> 16 & 1)) + "." + (at >> 8 & 255) + "." + (at & 255);
  }

  /** This host's address, as it is seen from within. */
  String outside() {
    return address(1);
  }

  /** The address that whoever is within has, as this host sees it. */
  String within() {
    return address(2);
  }

  private void wall(int port) throws IOException {
    Path rules = Files.createTempFile("holdfast-hidden", ".nft");
    try {
      Files.writeString(
          rules,
          """
          table inet hidden {
            chain in {
              type filter hook input priority filter; policy drop;
              iif lo accept
              ct state established,related accept
            }
            chain out {
              type filter hook output priority filter; policy drop;
              oif lo accept
              ct state established,related accept
              ip daddr %s tcp dport %d accept
            }
          }
          """
              .formatted(outside(), port));
      inside("nft", "-f", rules.toString());
    } finally {
      Files.delete(rules);
    }
  }

  /** For a control: nothing keeps anybody out any more. */
  void openTheWall() {
    inside("nft", "delete", "table", "inet", "hidden");
  }

  /** {@code command} in this network, and in nothing else that is its own. */
  List<String> command(String... command) {
    var all = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name, "--"));
    all.addAll(List.of(command));
    return all;
  }

  /** A command of the distribution, there. */
  List<String> holdfast(String... arguments) {
    var all = new ArrayList<>(command(Dist.command()));
    all.addAll(List.of(arguments));
    return all;
  }

  private void inside(String... command) {
    Dist.finish(Path.of("/"), Map.of(), command(command)).ok();
  }

  private static void run(String... command) {
    Dist.finish(Path.of("/"), Map.of(), List.of(command)).ok();
  }

  @Override
  public void close() {
    // The pair of interfaces goes with it.
    run("ip", "netns", "delete", name);
  }
}
