package dev.holdfast.relay.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;

/** Ranges of addresses, as {@code 192.0.2.0/24} and {@code 2001:db8::/32}. */
public final class Ranges {
  // Looked at before the JDK is asked, which would take a name and look it up.
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*");

  private final List<Range> ranges;

  private record Range(byte[] address, int bits) {
    boolean holds(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >>> (bit % 8);
        if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private Ranges(List<Range> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /**
   * @throws IllegalArgumentException if one is none
   */
  public static Ranges of(List<String> texts) {
    return new Ranges(texts.stream().map(Ranges::range).toList());
  }

  private static Range range(String text) {
    int slash = text.indexOf('/');
    try {
      byte[] address = address(slash < 0 ? text : text.substring(0, slash)).getAddress();
      int bits = slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1));
      if (bits >= 0 && bits <= address.length * 8) {
        return new Range(address, bits);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a range is not as 192.0.2.0/24 or 2001:db8::/32", e);
    }
    throw new IllegalArgumentException("a range has more bits than its address");
  }

  /**
   * The address that {@code text} is; no name is looked up.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static InetAddress address(String text) {
    if (text.length() > 45 || !ADDRESS.matcher(text).matches()) {
      throw new IllegalArgumentException("that is no address");
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("that is no address", e);
    }
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  public boolean holds(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ranges.stream().anyMatch(range -> range.holds(bytes));
  }
}
