package dev.holdfast.agent.egress.filter;

import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Range;
import dev.holdfast.agent.sandbox.Protection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of the table.
 *
 * <p>It speaks of every interface whose name starts with {@value #PREFIX}, so that one is filtered
 * from the instant it exists, and reaches nothing until its elements are there. No rule lets a
 * job's packet pass because of what a connection's state says, but for destinations that this very
 * interface was let through to before: an address can have belonged to another job, whose
 * connections the kernel still remembers.
 *
 * <p>Hooks run before those of other tools, where a drop is final and an accept is not.
 */
final class Ruleset {
  static final String TABLE = "inet holdfast";
  static final String PREFIX = "hfj";

  /** Destinations of one job that are recorded, at once and in each second after. */
  private static final String PACE = "limit rate 1/second burst 2048 packets";

  private static final String KEY4 = "iifname . ip daddr . meta l4proto . th ";
  private static final String KEY6 = "iifname . ip6 daddr . meta l4proto . th ";

  private Ruleset() {}

  static String text(FilterSpec spec) {
    return """
    table inet holdfast {
    %s
    %s
    %s
    %s
    }
    """
        .formatted(sets(), notes(), hooks(spec), jobs(spec));
  }

  /** Dynamic ones have a bound each; the bound of one job is {@link #PACE}. */
  private static String sets() {
    return family("4", "ipv4_addr")
        + family("6", "ipv6_addr")
        + """
          set public { type ifname; }
          set doors { type ifname . ipv4_addr . inet_service; }
          set uplinks4 { type ifname; }
          set uplinks6 { type ifname; }
          set allowedsum { type ifname; size 65535; flags dynamic; }
          set refusedsum { type ifname; size 65535; flags dynamic; }
          set pace { type ifname; size 65535; flags dynamic; }
          set connections { type ifname; size 65535; flags dynamic; }
        """;
  }

  private static String family(String n, String type) {
    String key = "type ifname . " + type + " . inet_proto . inet_service;";
    return """
      set source%1$s { type ifname . %2$s; }
      set opened%1$s { %3$s flags interval; }
      set shut%1$s { %3$s flags interval; }
      set learned%1$s { %3$s flags interval,timeout; }
      set allowed%1$s { %3$s size 262144; flags dynamic; }
      set refused%1$s { %3$s size 262144; flags dynamic; }
    """
        .formatted(n, type, key);
  }

  /**
   * Counts what a job does by destination. For ICMP the place of a port is taken by its type and
   * code, for anything else by whatever stands there.
   */
  private static String notes() {
    return note("allowed") + note("refused");
  }

  private static String note(String what) {
    var chain = new StringBuilder("  chain note_" + what + " {\n");
    chain.append("    update @").append(what).append("sum { iifname counter }\n");
    for (String place : List.of("dport", "sport")) {
      String protocols = place.equals("dport") ? "{ tcp, udp }" : "!= { tcp, udp }";
      for (int family : List.of(4, 6)) {
        String key = (family == 4 ? KEY4 : KEY6) + place;
        String set = "@" + what + family;
        String l4 = "    meta l4proto " + protocols + " ";
        // What is known already is counted without asking the pace.
        chain
            .append(l4)
            .append("%s %s update %s { %s counter } return\n".formatted(key, set, set, key));
        chain
            .append(l4)
            .append("meta nfproto ipv")
            .append(family)
            .append(" update @pace { iifname ")
            .append(PACE)
            .append(" }")
            .append(" update %s { %s counter } return\n".formatted(set, key));
      }
    }
    return chain.append("  }\n").toString();
  }

  /**
   * What the host tells everybody on its links (its name and services, by multicast) is not for
   * jobs. What a host can remember of connections is shared, so no job may fill it.
   */
  private static String hooks(FilterSpec spec) {
    return """
      chain prerouting {
        type filter hook prerouting priority raw - 10; policy accept;
        iifname "hfj*" goto from_job
      }
      chain input {
        type filter hook input priority filter - 10; policy accept;
        iifname "hfj*" goto to_host
        iifname != "lo" ip daddr %s drop
        iifname != "lo" ip6 daddr %s drop
      }
      chain forward {
        type filter hook forward priority filter - 10; policy accept;
        iifname "hfj*" goto to_world
        oifname "hfj*" ct state established,related accept
        oifname "hfj*" drop
        meta nfproto ipv4 iifname @uplinks4 drop
        meta nfproto ipv6 iifname @uplinks6 drop
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr %s oifname != "hfj*" masquerade
        ip6 saddr %s oifname != "hfj*" masquerade
      }
    """
        .formatted(spec.gateways4(), spec.gateways6(), spec.jobs4(), spec.jobs6());
  }

  private static String jobs(FilterSpec spec) {
    return """
      chain from_job {
    %s%s  }
      chain to_host {
    %s  }
      chain to_world {
    %s  }
      chain allow {
        jump note_allowed
        accept
      }
      chain refuse {
        jump note_refused
        meta l4proto tcp reject with tcp reset
        reject with icmpx admin-prohibited
      }
      chain spoofed {
        jump note_refused
        drop
      }
    """
        .formatted(
            spec.wall().has(Protection.EGRESS_SOURCE_CHECK) ? sourceCheck() : "",
            spec.wall().has(Protection.EGRESS_FILTER) ? notTheHost(spec) : "",
            spec.wall().has(Protection.EGRESS_FILTER) ? resolverOnly(spec) : "    accept\n",
            spec.wall().has(Protection.EGRESS_FILTER) ? world(spec) : "    goto allow\n");
  }

  private static String sourceCheck() {
    // What a kernel says by itself on a new link (neighbours, groups) is dropped without a record.
    return """
        ip6 saddr { ::, fe80::/10 } drop
        meta nfproto ipv4 iifname . ip saddr != @source4 goto spoofed
        meta nfproto ipv6 iifname . ip6 saddr != @source6 goto spoofed
    """;
  }

  /** Before any other tool's rule can send the packet to where it publishes a port of the host. */
  private static String notTheHost(FilterSpec spec) {
    return """
        ip hdrlength != 5 drop
        meta nfproto != { ipv4, ipv6 } drop
        ip daddr %s meta l4proto { tcp, udp } th dport 53 accept
        ip6 daddr %s meta l4proto { tcp, udp } th dport 53 accept
        iifname . ip daddr . tcp dport @doors accept
        fib daddr type { local, broadcast, anycast, multicast } goto refuse
    """
        .formatted(spec.gateways4(), spec.gateways6());
  }

  private static String resolverOnly(FilterSpec spec) {
    return """
        ip daddr %s meta l4proto { tcp, udp } th dport 53 accept
        ip6 daddr %s meta l4proto { tcp, udp } th dport 53 accept
        iifname . ip daddr . tcp dport @doors accept
        goto refuse
    """
        .formatted(spec.gateways4(), spec.gateways6());
  }

  private static String world(FilterSpec spec) {
    var rules = new StringBuilder();
    rules.append(
        """
            oifname "hfj*" goto refuse
            ct state new add @connections { iifname ct count over 16384 } goto refuse
            meta l4proto != { tcp, udp, icmp, ipv6-icmp } goto refuse
            meta l4proto icmp icmp type != echo-request goto refuse
            meta l4proto ipv6-icmp icmpv6 type != echo-request goto refuse
        """);
    rules
        .append("    ip daddr ")
        .append(list(spec.blocked().disjoint(false, true)))
        .append(" goto refuse\n");
    rules
        .append("    ip6 daddr ")
        .append(list(spec.blocked().disjoint(true, true)))
        .append(" goto refuse\n");
    for (String verdict : List.of("learned", "shut", "opened")) {
      for (int family : List.of(4, 6)) {
        String key = (family == 4 ? KEY4 : KEY6) + "dport";
        rules.append(
            "    %s @%s%d goto %s\n"
                .formatted(key, verdict, family, verdict.equals("shut") ? "refuse" : "allow"));
      }
    }
    for (int family : List.of(4, 6)) {
      // A name's answer may be older than the connection that was made by it.
      String key = (family == 4 ? KEY4 : KEY6) + "dport";
      rules.append("    ct state established %s @allowed%d goto allow\n".formatted(key, family));
    }
    rules
        .append("    ip daddr ")
        .append(list(spec.blocked().disjoint(false, false)))
        .append(" goto refuse\n");
    rules
        .append("    ip6 daddr ")
        .append(list(spec.blocked().disjoint(true, false)))
        .append(" goto refuse\n");
    rules.append(
        "    meta l4proto { tcp, udp } th dport { %s } goto refuse\n"
            .formatted(
                JobRules.RESOLVER_PORTS.stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(", "))));
    rules.append("    iifname @public goto allow\n    goto refuse\n");
    return rules.toString();
  }

  private static String list(List<Range> ranges) {
    return ranges.stream().map(Range::toString).collect(Collectors.joining(", ", "{ ", " }"));
  }
}
