package dev.holdfast.orchestrator.web.page;

import java.util.Locale;

/**
 * The one place that makes text which others wrote fit to be shown: what would not be seen, or
 * would move what stands around it, is shown as what it is. Escaping is the templates' part.
 */
final class Visible {
  /** As much as a line of a page ever shows of one text. */
  static final int LINE = 120;

  /** As much as somebody is shown who asks for all of a text that was cut. */
  static final int WHOLE = 4000;

  // More marks on one letter than any script has reach over the lines above and below.
  private static final int MOST_MARKS = 3;

  private Visible() {}

  /** {@code text} as one line. */
  static String line(String text) {
    int plain = 0;
    while (plain < text.length() && text.charAt(plain) >= ' ' && text.charAt(plain) < 0x7f) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    var out = new StringBuilder(text.length() + 16).append(text, 0, plain);
    int marks = 0;
    for (int i = plain; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      int type = Character.getType(point);
      boolean mark = type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
      marks = mark ? marks + 1 : 0;
      if (point < ' ') {
        out.append(point == '\t' ? ' ' : (char) (0x2400 + point));
      } else if (point == 0x7f) {
        out.append('\u2421');
      } else if (unseen(point, type) || marks > MOST_MARKS) {
        out.append('\u2039').append(name(point)).append('\u203a');
      } else {
        out.appendCodePoint(point);
      }
    }
    return out.toString();
  }

  /** {@code text} as a piece of a log: the same, but tabs stay. */
  static String log(String text) {
    if (text.indexOf('\t') < 0) {
      return line(text);
    }
    var out = new StringBuilder(text.length() + 16);
    int from = 0;
    for (int tab = text.indexOf('\t'); tab >= 0; tab = text.indexOf('\t', from)) {
      out.append(line(text.substring(from, tab))).append('\t');
      from = tab + 1;
    }
    return out.append(line(text.substring(from))).toString();
  }

  /** {@code text} as one line of at most {@code most} characters. */
  static String line(String text, int most) {
    // What is cut off is not gone through first: it may be very long.
    return cut(line(cut(text, most)), most);
  }

  /** Whether {@link #line(String, int)} leaves something away. */
  static boolean isCut(String text, int most) {
    return text.length() > most || line(text).length() > most;
  }

  /** {@code text} as the lines that it has, at most {@code most} characters of it. */
  static String lines(String text, int most) {
    var out = new StringBuilder();
    cut(text, most).lines().forEach(each -> out.append(line(each)).append('\n'));
    return out.toString();
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
    return text.substring(0, end) + "\u2026";
  }

  private static boolean unseen(int point, int type) {
    return switch (type) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      // Letters that have no shape.
      default ->
          point == 0x115f
              || point == 0x1160
              || point == 0x3164
              || point == 0xffa0
              || point == 0x2800
              || (point >= 0x180b && point <= 0x180f)
              || (type == Character.SPACE_SEPARATOR && point != ' ');
    };
  }

  private static String name(int point) {
    return "U+" + String.format(Locale.ROOT, "%04X", point);
  }
}
