package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.job;
import static dev.holdfast.probe.Attacks.packet;
import static dev.holdfast.probe.Promise.P4;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Packets. The first few need no lab: they ask whether a job whose pool has no network has any. All
 * others aim at addresses that the lab owns.
 */
final class NetworkAttacks {
  /** Targets that the lab gives, each a listener for TCP, and what they stand for. */
  private static final String[][] RANGES = {
    {"private-10", "10.0.0.0/8, private"},
    {"private-172", "172.16.0.0/12, private"},
    {"private-192", "192.168.0.0/16, private"},
    {"shared", "100.64.0.0/10, shared by carriers"},
    {"link-local", "169.254.0.0/16, link-local"},
    {"metadata", "169.254.169.254, a cloud's metadata"},
    {"metadata-other", "168.63.129.16, another cloud's metadata"},
    {"metadata-6", "fd00:ec2::254, a cloud's metadata over IPv6"},
    {"assignments", "192.0.0.0/24, protocol assignments"},
    {"benchmark", "198.18.0.0/15, benchmarks"},
    {"benchmark-6", "2001:2::/48, benchmarks over IPv6"},
    {"reserved", "240.0.0.0/4, reserved"},
    {"unique-local-6", "fc00::/7, private over IPv6"},
    {"site-local-6", "fec0::/10, the older private over IPv6"},
    {"compatible-6", "::/96, IPv4 inside IPv6"},
    {"nat64", "64:ff9b::/96, NAT64 of a private address"},
    {"six-to-four", "2002::/16, 6to4 of a private address"},
    {"teredo", "2001::/32, Teredo"},
    {"orchid", "2001:10::/28, ORCHID"},
    {"discard", "100::/64, discard"},
    {"not-global-6", "4000::/3, not given to anybody"},
    {"host", "the host, at the job's gateway"},
    {"host-uplink", "the host, at the address of its uplink"},
    {"host-6", "the host over IPv6"},
    {"peer", "another job"},
  };

  /**
   * By which the filter itself is tried on machines, its controls among them. At the others only
   * the attack is a machine's, and its control a job's in namespaces: many of these targets are of
   * IPv6, which machines have not, and each machine takes its time.
   */
  private static final Set<String> IN_MACHINES = Set.of("private-10", "host", "peer", "metadata");

  static final List<Attack> ALL = all();

  private static List<Attack> all() {
    var all = new ArrayList<Attack>();
    all.add(
        job(
                "network.interfaces",
                P4,
                "Without a network, the job has an interface that leads out.",
                """
                while read -r name rest; do
                  case $name in
                    lo:* | Inter-* | face*) ;;
                    *:*) through "the interface $name is there" ;;
                  esac
                done </proc/net/dev
                stopped 'there is loopback and nothing else'
                """)
            .stoppedBy(OWN_NETWORK));
    all.add(
        job(
                "network.host-loopback",
                P4,
                "A service that listens on the host's loopback only.",
                "kit tcp 127.0.0.1 \"$DECOY_PORT\"")
            .stoppedBy(OWN_NETWORK));
    all.add(
        job(
                "network.routes",
                P4,
                "Without a network, the job has a route to somewhere.",
                """
                count=0
                while read -r line; do count=$((count+1)); done </proc/net/route
                [ $count -le 1 ] || through "there are $((count-1)) routes"
                stopped 'there is no route'
                """)
            .stoppedBy(OWN_NETWORK));
    for (String[] range : RANGES) {
      tcp(all, range[0], "TCP to " + range[1] + ".");
    }
    all.add(
        packet(
                "tcp-mapped-6",
                "TCP to 10.0.0.0/8 by a socket of IPv6, as ::ffff:10.9.9.9.",
                "private-10",
                "kit mapped $TARGET_private_10")
            .stoppedBy(EGRESS_FILTER));
    udp(all, "private-10", "UDP to 10.0.0.0/8, private.");
    udp(all, "unique-local-6", "UDP to fc00::/7, private over IPv6.");
    udp(all, "multicast", "UDP to 224.0.0.0/4, multicast.");
    udp(all, "multicast-6", "UDP to ff00::/8, multicast over IPv6.");
    ping(all, "private-10", "ICMP to 10.0.0.0/8, private.");
    ping(all, "unique-local-6", "ICMP to fc00::/7, private over IPv6.");
    ping(all, "host", "ICMP to the host.");
    all.add(
        packet(
                "first-millisecond",
                "A connection in the job's first millisecond, before rules could be in place.",
                "private-10",
                "kit tcp $TARGET_private_10")
            .stoppedBy(EGRESS_FILTER));
    all.add(
        packet(
                "rebinding",
                "A public name whose answer is a private address.",
                "rebinding-name",
                "kit dns $TARGET_resolver \"$TARGET_rebinding_name\" 1")
            .alsoInMachinesStoppedBy(EGRESS_RESOLVER));
    all.add(
        packet(
                "internal-zone",
                "A name under an internal zone is asked of the host's resolver.",
                "internal-name",
                "kit dns $TARGET_resolver \"$TARGET_internal_name\" 1")
            .stoppedBy(EGRESS_RESOLVER));
    all.add(
        packet(
                "tunnel",
                "Words are carried out in the labels of a name under an internal zone.",
                "tunnel-name",
                "kit dns $TARGET_resolver \"$TARGET_tunnel_name\" 1")
            .stoppedBy(EGRESS_RESOLVER));
    all.add(
        packet(
                "other-resolver",
                "A resolver other than the agent's is asked.",
                "other-resolver",
                "kit dns $TARGET_other_resolver \"$TARGET_internal_name\" 1")
            .stoppedBy(EGRESS_FILTER));
    all.add(
        packet(
                "spoofed-source",
                "A packet that says it comes from another job.",
                "spoof",
                """
                kit spoof $TARGET_spoof "$MARK"
                stopped 'it was sent, and did not arrive'
                """)
            .stoppedBy(EGRESS_SOURCE_CHECK, NO_CAPABILITIES, OWN_USER));
    return List.copyOf(all);
  }

  private static void tcp(List<Attack> all, String target, String idea) {
    Attacks.Sketch sketch = packet("tcp-" + target, idea, target, "kit tcp " + variable(target));
    all.add(
        IN_MACHINES.contains(target)
            ? sketch.alsoInMachinesStoppedBy(EGRESS_FILTER)
            : sketch.stoppedBy(EGRESS_FILTER));
  }

  private static void udp(List<Attack> all, String target, String idea) {
    all.add(
        packet("udp-" + target, idea, target, "kit udp " + variable(target))
            .stoppedBy(EGRESS_FILTER));
  }

  private static void ping(List<Attack> all, String target, String idea) {
    // Where the kernel lets nobody ping, it takes a raw socket.
    all.add(
        packet("ping-" + target, idea, target, "kit ping " + variable(target))
            .stoppedBy(EGRESS_FILTER, NO_CAPABILITIES, OWN_USER));
  }

  private static String variable(String target) {
    return "$TARGET_" + target.replace('-', '_');
  }

  private NetworkAttacks() {}
}
