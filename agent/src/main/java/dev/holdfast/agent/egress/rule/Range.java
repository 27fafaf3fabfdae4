package dev.holdfast.agent.egress.rule;

import java.math.BigInteger;
import java.util.Optional;

/** The addresses from {@code first} to {@code last}, both included, of one family. */
public record Range(Ip first, Ip last) {
  public Range {
    if (first.v6() != last.v6() || first.compareTo(last) > 0) {
      throw new IllegalArgumentException(first + "-" + last + " is no range of addresses");
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 10.0.0.1-10.0.0.9} or one address.
   *
   * @throws BadRule if it is none of these, or has bits set behind its prefix
   */
  public static Range parse(String text) {
    int slash = text.indexOf('/');
    if (slash >= 0) {
      return prefix(text, text.substring(0, slash), text.substring(slash + 1));
    }
    int dash = text.indexOf('-');
    Ip first = address(dash < 0 ? text : text.substring(0, dash), text);
    Ip last = dash < 0 ? first : address(text.substring(dash + 1), text);
    if (first.v6() != last.v6() || first.compareTo(last) > 0) {
      throw new BadRule("\"" + text + "\" is no range: its end lies before its start");
    }
    return new Range(first, last);
  }

  private static Range prefix(String text, String address, String length) {
    Ip first = address(address, text);
    if (!length.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(length) > first.bits()) {
      throw new BadRule("\"" + text + "\" has no prefix length between 0 and " + first.bits());
    }
    Range range = of(first, Integer.parseInt(length));
    if (!range.first.equals(first)) {
      throw new BadRule(
          "\"" + text + "\" has bits set behind its prefix; write " + range + " if that is meant");
    }
    return range;
  }

  private static Ip address(String text, String whole) {
    return Ip.parse(text)
        .orElseThrow(() -> new BadRule("\"" + whole + "\" is no address or range"));
  }

  /** The addresses that share their first {@code length} bits with {@code address}. */
  public static Range of(Ip address, int length) {
    BigInteger free = BigInteger.ONE.shiftLeft(address.bits() - length).subtract(BigInteger.ONE);
    return new Range(
        new Ip(address.v6(), address.value().andNot(free)),
        new Ip(address.v6(), address.value().or(free)));
  }

  public static Range single(Ip address) {
    return new Range(address, address);
  }

  public static Range everything(boolean v6) {
    return of(new Ip(v6, BigInteger.ZERO), 0);
  }

  public boolean v6() {
    return first.v6();
  }

  public boolean contains(Ip address) {
    return address.v6() == v6() && first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
  }

  public boolean contains(Range other) {
    return contains(other.first) && contains(other.last);
  }

  public boolean meets(Range other) {
    return other.v6() == v6()
        && first.compareTo(other.last) <= 0
        && other.first.compareTo(last) <= 0;
  }

  /** The length of the prefix that this is, if it is one. */
  private Optional<Integer> prefixLength() {
    int free = last.value().subtract(first.value()).bitLength();
    int length = first.bits() - free;
    return of(first, length).equals(this) ? Optional.of(length) : Optional.empty();
  }

  /** As it is written in a rule, and as nftables reads and writes it. */
  @Override
  public String toString() {
    return first.equals(last)
        ? first.toString()
        : prefixLength().map(n -> first + "/" + n).orElseGet(() -> first + "-" + last);
  }
}
