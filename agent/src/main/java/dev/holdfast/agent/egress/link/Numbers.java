package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.Range;
import dev.holdfast.model.digest.Sha256;
import java.util.random.RandomGenerator;

/**
 * The addresses of a host's jobs. The first sixteen of each family are for resolvers, of which each
 * agent has one; a job has the same number in both families.
 *
 * @param jobs6 a /64 of this host's own
 */
public record Numbers(Range jobs4, Range jobs6) {
  /** How many agents of one host can give egress. */
  public static final int GATEWAYS = 15;

  private static final int FIRST = 16;

  public Numbers {
    if (jobs4.v6()
        || !Range.of(jobs4.first(), 24).first().equals(jobs4.first())
        || size(jobs4) < 256
        || !jobs6.v6()
        || !Range.of(jobs6.first(), 64).equals(jobs6)) {
      throw new BadRule(
          "jobs get their addresses from "
              + jobs4
              + ", which must be an IPv4 prefix of /24 or shorter, such as 198.18.0.0/15");
    }
  }

  /** For {@code host}, whose IPv6 prefix follows from {@code identity} (RFC 4193). */
  public static Numbers of(Range jobs4, String identity) {
    byte[] hash = Sha256.of("holdfast egress " + identity);
    byte[] prefix = new byte[16];
    prefix[0] = (byte) 0xfd;
    System.arraycopy(hash, 0, prefix, 1, 7);
    return new Numbers(jobs4, Range.of(Ip.of(prefix), 64));
  }

  private static long size(Range range) {
    return range.last().value().subtract(range.first().value()).longValueExact() + 1;
  }

  public Range gateways4() {
    return new Range(jobs4.first(), jobs4.first().plus(GATEWAYS));
  }

  public Range gateways6() {
    return new Range(jobs6.first(), jobs6.first().plus(GATEWAYS));
  }

  public Ip gateway4(int agent) {
    return jobs4.first().plus(agent);
  }

  public Ip gateway6(int agent) {
    return jobs6.first().plus(agent);
  }

  /**
   * Any job's number. At random out of many, so that an address does not soon belong to another:
   * far ends still send to the one who had it.
   */
  public int any(RandomGenerator random) {
    return random.nextInt(FIRST, (int) Math.min(size(jobs4), 1 << 24) - 1);
  }

  public Ip job4(int number) {
    return jobs4.first().plus(number);
  }

  public Ip job6(int number) {
    return jobs6.first().plus(number);
  }

  /** An address of an Ethernet card that there is not; {@code end} tells both of a pair apart. */
  static String card(int number, int end) {
    return "02:68:66:%02x:%02x:%02x"
        .formatted(((number >>> 16) & 0x7f) | (end << 7), (number >>> 8) & 255, number & 255);
  }
}
