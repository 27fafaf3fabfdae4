package dev.holdfast.agent.egress.rule;

import java.util.EnumSet;
import java.util.Set;

/**
 * Opens or blocks a destination.
 *
 * @param ports what is meant of TCP and UDP; nothing to ICMP
 */
public record Rule(boolean opens, Target target, Set<Protocol> protocols, Ports ports) {
  public Rule {
    protocols = Set.copyOf(protocols);
  }

  /**
   * Reads {@code open TARGET PORTS} or {@code block TARGET [PORTS]}. A target is as {@link
   * Target#parse} says; ports are {@code 443}, {@code 443/tcp}, {@code 53/udp}, {@code any/tcp},
   * {@code icmp} or {@code any}, which is every port of both and ICMP.
   *
   * @throws BadRule that says which part is not understood
   */
  public static Rule parse(String text) {
    String[] words = text.strip().split("\\s+");
    if (words.length < 2
        || words.length > 3
        || !(words[0].equals("open") || words[0].equals("block"))) {
      throw new BadRule(
          "egress rule \""
              + text
              + "\" is not understood; write open TARGET PORTS or block TARGET");
    }
    boolean opens = words[0].equals("open");
    if (opens && words.length == 2) {
      throw new BadRule(
          "egress rule \"" + text + "\" does not say which ports it opens; add 443/tcp, or any");
    }
    try {
      Target target = Target.parse(words[1]);
      if (!opens && words.length == 3 && target instanceof Target.HostName) {
        throw new BadRule("a name is blocked as a whole, without ports: its addresses may change");
      }
      Rule rule = withPorts(opens, target, words.length == 3 ? words[2] : "any");
      if (opens && target instanceof Target.Addresses(Range range)) {
        Blocked.neverWhole(range)
            .ifPresent(what -> {
              throw new BadRule(range + " (" + what + ") can be opened to no job");
            });
      }
      return rule;
    } catch (BadRule e) {
      throw new BadRule("egress rule \"" + text + "\": " + e.getMessage());
    }
  }

  private static Rule withPorts(boolean opens, Target target, String text) {
    if (text.equals("any")) {
      return new Rule(opens, target, EnumSet.allOf(Protocol.class), Ports.any());
    }
    if (text.equals("icmp")) {
      return new Rule(opens, target, Set.of(Protocol.ICMP), Ports.any());
    }
    int slash = text.indexOf('/');
    String name = slash < 0 ? "tcp" : text.substring(slash + 1);
    Protocol protocol =
        Protocol.parse(name)
            .filter(p -> p != Protocol.ICMP)
            .orElseThrow(
                () -> new BadRule("\"" + name + "\" is no protocol; write tcp, udp or icmp"));
    String ports = slash < 0 ? text : text.substring(0, slash);
    return new Rule(opens, target, Set.of(protocol), Ports.parse(ports));
  }

  boolean isAbout(Protocol protocol, int port) {
    return protocols.contains(protocol) && (protocol == Protocol.ICMP || ports.contains(port));
  }

  /** Text that {@link #parse} reads as this. */
  @Override
  public String toString() {
    String what = (opens ? "open " : "block ") + target;
    if (protocols.size() == Protocol.values().length) {
      return opens ? what + " any" : what;
    }
    Protocol protocol = protocols.iterator().next();
    return what + " " + (protocol == Protocol.ICMP ? "icmp" : ports + "/" + protocol);
  }
}
