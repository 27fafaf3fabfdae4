package dev.holdfast.agent.egress.rule;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a rule is about. */
public sealed interface Target {

  /** Addresses, however a job came to know them. */
  record Addresses(Range range) implements Target {
    @Override
    public String toString() {
      return range.toString();
    }
  }

  /**
   * A name, and the addresses that the resolver has just answered for it.
   *
   * @param name in lower case, without a dot at its end
   * @param below whether what lies below the name is meant ({@code *.name}), and not the name
   *     itself
   */
  record HostName(String name, boolean below) implements Target {
    boolean matches(String asked) {
      return below ? asked.endsWith("." + name) : asked.equals(name);
    }

    @Override
    public String toString() {
      return (below ? "*." : "") + name;
    }
  }

  Pattern NAME =
      Pattern.compile("([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

  /**
   * Reads a name, {@code *.name}, an address or a range.
   *
   * @throws BadRule if it is none
   */
  static Target parse(String text) {
    if (text.contains("/") || text.contains(":") || text.matches("[0-9.-]+")) {
      return new Addresses(Range.parse(text));
    }
    boolean below = text.startsWith("*.");
    String name = (below ? text.substring(2) : text).toLowerCase(Locale.ROOT);
    // "*.com" would match more than anybody means.
    boolean whole = NAME.matcher(name).matches() && name.length() <= 253;
    if (!whole) {
      throw new BadRule(
          "\""
              + text
              + "\" is no name with at least two parts, no *.name, no address and no range");
    }
    return new HostName(name, below);
  }

  /** The name that {@code text} is, in the form in which names are compared. */
  static Optional<String> name(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    return NAME.matcher(name).matches() && name.length() <= 253
        ? Optional.of(name)
        : Optional.empty();
  }
}
