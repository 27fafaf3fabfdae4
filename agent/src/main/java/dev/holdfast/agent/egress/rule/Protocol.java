package dev.holdfast.agent.egress.rule;

import java.util.Optional;

/** What a job may speak above IP. Nothing else leaves a job, whatever the rules say. */
public enum Protocol {
  TCP,
  UDP,
  /** Echo requests only, of either family's ICMP. */
  ICMP;

  public static Optional<Protocol> parse(String text) {
    return switch (text) {
      case "tcp" -> Optional.of(TCP);
      case "udp" -> Optional.of(UDP);
      case "icmp" -> Optional.of(ICMP);
      default -> Optional.empty();
    };
  }

  /** Its name in nftables, which depends on the family for ICMP. */
  public String kernelName(boolean v6) {
    return switch (this) {
      case TCP -> "tcp";
      case UDP -> "udp";
      case ICMP -> v6 ? "ipv6-icmp" : "icmp";
    };
  }

  @Override
  public String toString() {
    return kernelName(false);
  }
}
