package dev.holdfast.cli.terminal;

/**
 * Makes text that others wrote harmless on a terminal: it stays on its line, in its direction, and
 * commands nothing.
 */
public final class Plain {
  private Plain() {}

  /**
   * {@code text} with every control, formatting and direction character, line separator and half of
   * a surrogate pair shown as {@code \}{@code x1b} or {@code \}{@code u202e}.
   */
  public static String of(String text) {
    if (text.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
      return text;
    }
    var out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          if (!harmful(c)) {
            out.appendCodePoint(c);
          } else if (c < 0x100) {
            out.append(String.format("\\x%02x", c));
          } else {
            out.append(String.format("\\u%04x", c));
          }
        });
    return out.toString();
  }

  /** As {@link #of(String)}, cut to {@code most} characters. */
  public static String of(String text, int most) {
    String plain = of(text);
    if (plain.codePointCount(0, plain.length()) <= most) {
      return plain;
    }
    return plain.substring(0, plain.offsetByCodePoints(0, Math.max(0, most - 1))) + "…";
  }

  static boolean harmful(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
