package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.guest.GuestNetwork;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The network namespace of one machine: on one side the interface that the egress filter gave to
 * the job, on the other the tap that its monitor holds, and a kernel between them that passes on
 * what comes from the job's own address and nothing else.
 *
 * <p>It is a router and no bridge: the guest's frames end at the tap, so no card's address and no
 * question for a neighbour of the guest's ever reaches the host. A source that is not the job's
 * address is dropped by {@code rp_filter}; IPv6 is switched off; the namespace itself has no
 * address, and nothing in it listens.
 */
final class MachineNetwork {
  static final String TAP = "tap0";

  /** What the egress filter calls the job's interface. */
  private static final String EGRESS = "eth0";

  /** The tap's own end; there is one in each namespace, and nobody else sees it. */
  private static final String TAP_CARD = "02:68:67:00:00:01";

  private static final Path NAMES = Path.of("/run/netns");

  private static final String PREPARE =
      """
      set -eu
      cd /proc/sys/net
      echo 1 >ipv6/conf/all/disable_ipv6
      echo 1 >ipv6/conf/default/disable_ipv6
      for place in all default; do
        echo 1 >ipv4/conf/$place/rp_filter
        echo 0 >ipv4/conf/$place/send_redirects
        echo 0 >ipv4/conf/$place/accept_redirects
        echo 0 >ipv4/conf/$place/accept_source_route
      done
      echo 0 >ipv4/ip_forward
      """;

  private static final String JOIN =
      """
      set -eu
      echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
      printf '%s' "$1" | ip -batch -
      echo 1 >/proc/sys/net/ipv4/ip_forward
      """;

  private final String name;

  private MachineNetwork(String name) {
    this.name = name;
  }

  /** Makes the namespace {@code name} with a tap in it that {@code user} may hold. */
  static MachineNetwork make(String name, HostUser user) throws SandboxUnavailable {
    HostCommand.must("make a network namespace", "ip", "netns", "add", name);
    var made = new MachineNetwork(name);
    try {
      made.inside("prepare a network namespace", "", "sh", "-c", PREPARE);
      made.inside(
          "make a tap",
          """
          tuntap add dev %s mode tap user %d group %d vnet_hdr
          link set %s address %s addrgenmode none
          """
              .formatted(TAP, user.uid(), user.gid(), TAP, TAP_CARD),
          "ip",
          "-batch",
          "-");
      return made;
    } catch (SandboxUnavailable e) {
      try {
        made.remove();
      } catch (SandboxUnavailable f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  Path path() {
    return NAMES.resolve(name);
  }

  private String inside(String what, String input, String... command) throws SandboxUnavailable {
    var all = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
    all.addAll(List.of(command));
    return HostCommand.mustWith(what, input, all.toArray(String[]::new));
  }

  /**
   * Hands the interface of the egress filter on to the guest, with its address and its card's.
   *
   * @return what the guest is to be told
   */
  GuestNetwork join(String nameserver) throws SandboxUnavailable {
    String links = inside("read the job's interface", "", "ip", "-json", "addr", "show", EGRESS);
    String neighbours =
        inside(
            "read the job's neighbours", "", "ip", "-4", "-json", "neigh", "show", "dev", EGRESS);
    try {
      Json link = only(links);
      Json gateway = only(neighbours);
      String mac = text(link, "address");
      String address = address(link);
      String gatewayAddress = text(gateway, "dst");
      // Before anything else: told to the kernel, all of it is of this form.
      var network = new GuestNetwork(address, mac, gatewayAddress, TAP_CARD, nameserver);
      inside(
          "join the machine to its network", "", "sh", "-c", JOIN, "sh", batch(network, gateway));
      return network;
    } catch (IllegalArgumentException e) {
      throw new SandboxUnavailable(
          "the job's interface is not as the egress filter makes it: " + e.getMessage(), e);
    }
  }

  private static String batch(GuestNetwork guest, Json gateway) {
    // Without an address an interface loses its routes and neighbours, so these come again.
    return """
    addr flush dev %1$s
    neigh replace %2$s lladdr %3$s dev %1$s nud permanent
    route replace %2$s dev %1$s scope link
    route replace default via %2$s dev %1$s onlink
    link set %4$s up
    route replace %5$s dev %4$s
    neigh replace %5$s lladdr %6$s dev %4$s nud permanent
    """
        .formatted(EGRESS, guest.gateway(), card(gateway), TAP, guest.address(), guest.mac());
  }

  private static String card(Json gateway) {
    String card = text(gateway, "lladdr");
    if (!card.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}")) {
      throw new IllegalArgumentException("the gateway's card is " + card);
    }
    return card;
  }

  private static Json only(String list) {
    if (JsonText.parse(list) instanceof Json.Arr(var items) && items.size() == 1) {
      return items.getFirst();
    }
    throw new IllegalArgumentException("not one but " + list);
  }

  private static String address(Json link) {
    if (link instanceof Json.Obj(var fields)
        && fields.get("addr_info") instanceof Json.Arr(var addresses)) {
      for (Json each : addresses) {
        if (text(each, "family").equals("inet")) {
          return text(each, "local");
        }
      }
    }
    throw new IllegalArgumentException("it has no IPv4 address");
  }

  private static String text(Json in, String field) {
    if (in instanceof Json.Obj(var fields) && fields.get(field) instanceof Json.Str(String it)) {
      return it;
    }
    throw new IllegalArgumentException("it has no " + field);
  }

  /** Removes the namespace with all that is in it, and sees that it is gone. */
  void remove() throws SandboxUnavailable {
    remove(name);
  }

  private static void remove(String name) throws SandboxUnavailable {
    Path path = NAMES.resolve(name);
    if (!Files.exists(path)) {
      return;
    }
    HostCommand.must("remove the network namespace " + name, "ip", "netns", "delete", name);
    if (Files.exists(path)) {
      throw new SandboxUnavailable("the network namespace " + path + " is still there");
    }
  }

  /** Those whose names begin with {@code prefix}. */
  static List<String> named(String prefix) throws SandboxUnavailable {
    if (!Files.isDirectory(NAMES)) {
      return List.of();
    }
    try (var listed = Files.newDirectoryStream(NAMES, prefix + "*")) {
      var found = new ArrayList<String>();
      listed.forEach(path -> found.add(String.valueOf(path.getFileName())));
      return found;
    } catch (IOException e) {
      throw new SandboxUnavailable("the network namespaces cannot be listed: " + e, e);
    }
  }

  static void removeAll(String prefix) throws SandboxUnavailable {
    for (String name : named(prefix)) {
      remove(name);
    }
  }
}
