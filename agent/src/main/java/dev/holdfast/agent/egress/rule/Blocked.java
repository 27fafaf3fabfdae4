package dev.holdfast.agent.egress.rule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The ranges that no job reaches unless a rule opens a part of them, and those that no rule can
 * open. IPv6 is blocked wherever it is not global unicast, and where it carries IPv4 inside.
 */
public final class Blocked {

  /**
   * @param never whether no rule can open it
   * @param documentation whether it is set aside for examples, and so free to be a lab's internet
   */
  public record Reserved(Range range, String what, boolean never, boolean documentation) {}

  private static final List<Reserved> STANDARD =
      List.of(
          never("0.0.0.0/8", "this network"),
          never("127.0.0.0/8", "loopback"),
          never("224.0.0.0/4", "multicast"),
          never("240.0.0.0/4", "reserved and broadcast"),
          blocked("169.254.169.254", "cloud metadata"),
          blocked("100.100.100.200", "cloud metadata"),
          blocked("168.63.129.16", "cloud metadata"),
          blocked("192.0.0.192", "cloud metadata"),
          blocked("10.0.0.0/8", "private"),
          blocked("172.16.0.0/12", "private"),
          blocked("192.168.0.0/16", "private"),
          blocked("100.64.0.0/10", "shared address space"),
          blocked("169.254.0.0/16", "link-local"),
          blocked("192.0.0.0/24", "protocol assignments"),
          blocked("192.88.99.0/24", "6to4 relays"),
          blocked("198.18.0.0/15", "benchmarks"),
          documentation("192.0.2.0/24"),
          documentation("198.51.100.0/24"),
          documentation("203.0.113.0/24"),
          never("::/128", "unspecified"),
          never("::1/128", "loopback"),
          never("::ffff:0:0/96", "IPv4-mapped"),
          never("::/96", "IPv4-compatible"),
          never("fe80::/10", "link-local"),
          never("ff00::/8", "multicast"),
          blocked("fd00:ec2::254", "cloud metadata"),
          blocked("fd20:ce::254", "cloud metadata"),
          blocked("fc00::/7", "unique local"),
          blocked("fec0::/10", "site-local"),
          blocked("64:ff9b::/96", "NAT64"),
          blocked("64:ff9b:1::/48", "NAT64"),
          blocked("100::/64", "discard"),
          blocked("2002::/16", "6to4"),
          blocked("2001::/32", "Teredo"),
          blocked("2001:2::/48", "benchmarks"),
          blocked("2001:10::/28", "ORCHID"),
          blocked("2001:20::/28", "ORCHID"),
          documentation("2001:db8::/32"),
          documentation("3fff::/20"),
          blocked("::/3", "not global unicast"),
          blocked("4000::/2", "not global unicast"),
          blocked("8000::/1", "not global unicast"));

  private final List<Reserved> ranges;

  private Blocked(List<Reserved> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  private static Reserved never(String range, String what) {
    return new Reserved(Range.parse(range), what, true, false);
  }

  private static Reserved blocked(String range, String what) {
    return new Reserved(Range.parse(range), what, false, false);
  }

  private static Reserved documentation(String range) {
    return new Reserved(Range.parse(range), "documentation", false, true);
  }

  /** What holds on every host, beside the jobs' own addresses. */
  public static Blocked standard() {
    return new Blocked(STANDARD);
  }

  /** For a lab, whose internet is made of the ranges set aside for examples. */
  public static Blocked withoutDocumentation() {
    return new Blocked(STANDARD.stream().filter(r -> !r.documentation()).toList());
  }

  /** And these, the jobs' own, which no rule opens. */
  public Blocked andJobs(List<Range> pools) {
    return new Blocked(
        Stream.concat(
                pools.stream().map(p -> new Reserved(p, "addresses of jobs", true, false)),
                ranges.stream())
            .toList());
  }

  public List<Reserved> ranges() {
    return ranges;
  }

  /** The first that says something of {@code address}: those that no rule opens come first. */
  Optional<Reserved> of(Ip address) {
    return never(address)
        .or(() -> ranges.stream().filter(r -> r.range().contains(address)).findFirst());
  }

  Optional<Reserved> never(Ip address) {
    return ranges.stream().filter(r -> r.never() && r.range().contains(address)).findFirst();
  }

  /** Why nothing of {@code range} can be opened, if so. */
  static Optional<String> neverWhole(Range range) {
    return STANDARD.stream()
        .filter(r -> r.never() && r.range().contains(range))
        .map(Reserved::what)
        .findFirst();
  }

  /** Those of a family that rules cannot open, or those that they can, as disjoint ranges. */
  public List<Range> disjoint(boolean v6, boolean never) {
    List<Range> sorted =
        ranges.stream()
            .filter(r -> r.never() == never && r.range().v6() == v6)
            .map(Reserved::range)
            .sorted(Comparator.comparing(Range::first))
            .toList();
    var merged = new ArrayList<Range>();
    for (Range next : sorted) {
      Range last = merged.isEmpty() ? next : merged.removeLast();
      boolean joined = last.last().compareTo(next.first()) >= 0 || touches(last, next);
      if (joined) {
        Ip end = last.last().compareTo(next.last()) > 0 ? last.last() : next.last();
        merged.add(new Range(last.first(), end));
      } else {
        merged.add(last);
        merged.add(next);
      }
    }
    return List.copyOf(merged);
  }

  private static boolean touches(Range before, Range after) {
    return before.last().value().add(java.math.BigInteger.ONE).equals(after.first().value());
  }
}
