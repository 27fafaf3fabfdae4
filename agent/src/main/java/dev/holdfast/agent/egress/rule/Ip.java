package dev.holdfast.agent.egress.rule;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** An address of either family; never a name. Ordered by family, then by value. */
public record Ip(boolean v6, BigInteger value) implements Comparable<Ip> {
  public Ip {
    if (value.signum() < 0 || value.bitLength() > (v6 ? 128 : 32)) {
      throw new IllegalArgumentException(value + " is no address");
    }
  }

  /** The address that {@code text} writes, in the usual form of its family and in no other. */
  public static Optional<Ip> parse(String text) {
    return text.indexOf(':') >= 0 ? parse6(text) : parse4(text);
  }

  /** As {@link #parse}, for text that is known to be one. */
  public static Ip of(String text) {
    return parse(text)
        .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is no address"));
  }

  public static Ip of(byte[] bytes) {
    if (bytes.length != 4 && bytes.length != 16) {
      throw new IllegalArgumentException(bytes.length + " bytes are no address");
    }
    return new Ip(bytes.length == 16, new BigInteger(1, bytes));
  }

  /** An IPv4 address that came in IPv6's clothes is taken as what it is. */
  public static Ip of(InetAddress address) {
    return of(address.getAddress());
  }

  private static Optional<Ip> parse4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    int value = 0;
    for (String part : parts) {
      // A leading zero means octal to some programs: two readings of one text are refused.
      if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      value = (value << 8) | Integer.parseInt(part);
    }
    return Optional.of(new Ip(false, BigInteger.valueOf(Integer.toUnsignedLong(value))));
  }

  private static Optional<Ip> parse6(String given) {
    String text = given;
    int dot = text.indexOf('.');
    if (dot >= 0) {
      int tail = text.lastIndexOf(':') + 1;
      Optional<Ip> four = parse4(text.substring(tail));
      if (four.isEmpty()) {
        return Optional.empty();
      }
      int low = four.get().value.intValue();
      text =
          text.substring(0, tail)
              + Integer.toHexString(low >>> 16)
              + ":"
              + Integer.toHexString(low & 0xffff);
    }
    int gap = text.indexOf("::");
    String[] head = groups(gap < 0 ? text : text.substring(0, gap));
    String[] tail = gap < 0 ? new String[0] : groups(text.substring(gap + 2));
    int count = head.length + tail.length;
    if (gap < 0 ? count != 8 : count > 7) {
      return Optional.empty();
    }
    byte[] bytes = new byte[16];
    for (int i = 0; i < count; i++) {
      String group = i < head.length ? head[i] : tail[i - head.length];
      if (!group.matches("[0-9a-fA-F]{1,4}")) {
        return Optional.empty();
      }
      int at = i < head.length ? i : 8 - count + i;
      int value = Integer.parseInt(group, 16);
      bytes[2 * at] = (byte) (value >>> 8);
      bytes[2 * at + 1] = (byte) value;
    }
    return Optional.of(of(bytes));
  }

  private static String[] groups(String text) {
    return text.isEmpty() ? new String[0] : text.split(":", -1);
  }

  public int bits() {
    return v6 ? 128 : 32;
  }

  public Ip plus(long distance) {
    return new Ip(v6, value.add(BigInteger.valueOf(distance)));
  }

  Ip last() {
    return new Ip(v6, BigInteger.ONE.shiftLeft(bits()).subtract(BigInteger.ONE));
  }

  public byte[] bytes() {
    byte[] raw = value.toByteArray();
    byte[] bytes = new byte[bits() / 8];
    int length = Math.min(raw.length, bytes.length);
    System.arraycopy(raw, raw.length - length, bytes, bytes.length - length, length);
    return bytes;
  }

  public InetAddress inet() {
    try {
      return InetAddress.getByAddress(bytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a known family has a known length", e);
    }
  }

  @Override
  public int compareTo(Ip other) {
    return v6 == other.v6 ? value.compareTo(other.value) : Boolean.compare(v6, other.v6);
  }

  /** The usual form; IPv6 shortened as RFC 5952 says. */
  @Override
  public String toString() {
    byte[] bytes = bytes();
    if (!v6) {
      return (bytes[0] & 255)
          + "."
          + (bytes[1] & 255)
          + "."
          + (bytes[2] & 255)
          + "."
          + (bytes[3] & 255);
    }
    int[] groups = new int[8];
    Arrays.setAll(groups, i -> ((bytes[2 * i] & 255) << 8) | (bytes[2 * i + 1] & 255));
    int start = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > longest) {
        start = i;
        longest = end - i;
      }
    }
    var text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += longest - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
