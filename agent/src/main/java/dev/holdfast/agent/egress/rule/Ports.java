package dev.holdfast.agent.egress.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ports of TCP or UDP.
 *
 * @param ranges at least one
 */
public record Ports(List<Span> ranges) {
  private static final int MOST = 32;

  /** From {@code first} to {@code last}, both included. */
  public record Span(int first, int last) {
    public Span {
      if (first < 0 || last > 65535 || first > last) {
        throw new IllegalArgumentException(first + "-" + last + " are no ports");
      }
    }

    boolean contains(int port) {
      return first <= port && port <= last;
    }

    @Override
    public String toString() {
      return first == last ? Integer.toString(first) : first + "-" + last;
    }
  }

  static final Span EVERY = new Span(0, 65535);

  public Ports {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty() || ranges.size() > MOST) {
      throw new BadRule("a rule names between 1 and " + MOST + " ports or ranges of ports");
    }
  }

  public static Ports any() {
    return new Ports(List.of(EVERY));
  }

  public static Ports of(int port) {
    return new Ports(List.of(new Span(port, port)));
  }

  /** Reads {@code 443}, {@code 80,443,8000-8100} or {@code any}. */
  public static Ports parse(String text) {
    if (text.equals("any")) {
      return any();
    }
    var spans = new ArrayList<Span>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.strip().split("-", -1);
      int first = port(ends[0], text);
      int last = ends.length == 1 ? first : port(ends[ends.length - 1], text);
      if (ends.length > 2 || first > last) {
        throw new BadRule("\"" + text + "\" are no ports; write 443, 8000-8100 or any");
      }
      spans.add(new Span(first, last));
    }
    return new Ports(spans);
  }

  private static int port(String text, String whole) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65535) {
      throw new BadRule("\"" + whole + "\" are no ports; write 443, 8000-8100 or any");
    }
    return Integer.parseInt(text);
  }

  public boolean contains(int port) {
    return ranges.stream().anyMatch(s -> s.contains(port));
  }

  public boolean isAny() {
    return ranges.contains(EVERY);
  }

  @Override
  public String toString() {
    return isAny() ? "any" : ranges.stream().map(Span::toString).collect(Collectors.joining(","));
  }
}
