package dev.holdfast.agent.mask;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The ways in which one character is written by others: URL, JSON, C and shell, XML and HTML, also
 * twice over. {@link #read} finds those that stand at one place; there may be several, as {@code
 * \\} is one backslash or the beginning of two. Not thread-safe.
 */
final class Escapes {
  private static final int MOST = 16;

  /** Backslashes in a row that are read as one escape that was escaped again. */
  private static final int LONGEST_RUN = 16;

  private static final int LONGEST_ENTITY = 12;
  private static final Map<String, Integer> NAMED = named();

  private final int[] lengths = new int[MOST];
  private final byte[][] bytes = new byte[MOST][];
  private int count;
  private boolean open;
  private boolean last;
  private byte[] text = {};
  private int end;

  /** Whether an escape may begin with {@code b}. */
  static boolean introduced(byte b) {
    return b == '\\' || b == '%' || b == '&' || b == '\'' || b == '"' || b == '+';
  }

  /**
   * Reads what stands at {@code at}, where {@link #introduced} is so.
   *
   * @param complete whether no more bytes will come
   * @return whether all can be told; otherwise it takes more bytes
   */
  boolean read(byte[] from, int at, int to, boolean complete) {
    text = from;
    end = to;
    last = complete;
    count = 0;
    open = false;
    switch (from[at]) {
      case '%' -> percent(at);
      case '\\' -> backslash(at);
      case '&' -> entity(at);
      case '\'' -> quote(at);
      case '"' -> doubled(at, '"');
      case '+' -> found(1, ' ');
      default -> {}
    }
    return !open;
  }

  int count() {
    return count;
  }

  /** How many bytes it takes in the text. */
  int length(int index) {
    return lengths[index];
  }

  /** What it stands for; nothing for a line that is continued. */
  byte[] bytes(int index) {
    return bytes[index];
  }

  private void found(int length, int codePoint) {
    add(length, Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
  }

  private void add(int length, byte... what) {
    if (count < MOST) {
      lengths[count] = length;
      bytes[count++] = what;
    }
  }

  /** Whether {@code at} is in the text; if it is not, more of it may come. */
  private boolean there(int at) {
    if (at < end) {
      return true;
    }
    open |= !last;
    return false;
  }

  private boolean is(int at, char c) {
    return there(at) && text[at] == c;
  }

  /** The number that so many digits make; -1 if they are not there. */
  private int number(int at, int digits, int base) {
    int number = 0;
    for (int i = at; i < at + digits; i++) {
      if (!there(i)) {
        return -1;
      }
      int digit = Character.digit(text[i], base);
      if (digit < 0) {
        return -1;
      }
      number = number * base + digit;
    }
    return number;
  }

  /** {@code %41}, and {@code %2541} for it once more. */
  private void percent(int at) {
    for (int from = at + 1; from - at < LONGEST_RUN; from += 2) {
      int b = number(from, 2, 16);
      if (b < 0) {
        return;
      }
      add(from + 2 - at, (byte) b);
      if (b != '%') {
        return;
      }
    }
  }

  private void backslash(int at) {
    int to = at;
    while (to - at < LONGEST_RUN && is(to, '\\')) {
      to++;
    }
    int run = to - at;
    for (int many = 2; many <= run; many *= 2) {
      add(many, (byte) '\\');
    }
    if (run == LONGEST_RUN || !there(to)) {
      return;
    }
    int behind = to + 1 - at;
    byte b = text[to];
    switch (b) {
      case 'n' -> add(behind, (byte) '\n');
      case 'r' -> add(behind, (byte) '\r');
      case 't' -> add(behind, (byte) '\t');
      case 'b' -> add(behind, (byte) '\b');
      case 'f' -> add(behind, (byte) '\f');
      case 'v' -> add(behind, (byte) 0x0b);
      case 'a' -> add(behind, (byte) 0x07);
      case 'e', 'E' -> add(behind, (byte) 0x1b);
      case '\n' -> add(behind);
      case 'x' -> {
        int hex = number(to + 1, 2, 16);
        if (hex >= 0) {
          add(behind + 2, (byte) hex);
        }
      }
      case 'u' -> unicode(at, to, run);
      case 'U' -> {
        int point = number(to + 1, 8, 16);
        if (Character.isValidCodePoint(point)) {
          found(behind + 8, point);
        }
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(at, to);
      default -> add(behind, b);
    }
  }

  /** {@code \101}, {@code \0101}, and shorter where other characters follow. */
  private void octal(int at, int from) {
    int number = 0;
    int most = text[from] == '0' ? 4 : 3;
    for (int i = from; i < from + most && there(i); i++) {
      int digit = Character.digit(text[i], 8);
      if (digit < 0 || number * 8 + digit > 0xff) {
        return;
      }
      number = number * 8 + digit;
      add(i + 1 - at, (byte) number);
    }
  }

  /** {@code \}{@code u0041}, {@code \}{@code u{41}}, or two that are one character. */
  private void unicode(int at, int u, int run) {
    if (is(u + 1, '{')) {
      int point = 0;
      for (int i = u + 2; i < u + 9 && there(i); i++) {
        int digit = Character.digit(text[i], 16);
        if (digit < 0) {
          if (text[i] == '}' && Character.isValidCodePoint(point)) {
            found(i + 1 - at, point);
          }
          return;
        }
        point = point * 16 + digit;
      }
      return;
    }
    int unit = number(u + 1, 4, 16);
    if (unit < 0) {
      return;
    }
    if (!Character.isSurrogate((char) unit)) {
      found(u + 5 - at, unit);
      return;
    }
    int second = u + 5;
    for (int i = 0; i < run; i++) {
      if (!is(second + i, '\\')) {
        return;
      }
    }
    int low = is(second + run, 'u') ? number(second + run + 1, 4, 16) : -1;
    if (low >= 0 && Character.isSurrogatePair((char) unit, (char) low)) {
      found(second + run + 5 - at, Character.toCodePoint((char) unit, (char) low));
    }
  }

  /** {@code &lt;}, {@code &#60;}, {@code &#x3c;}, and {@code &amp;lt;} for them once more. */
  private void entity(int at) {
    int from = at + 1;
    while (from - at < LONGEST_RUN
        && is(from, 'a')
        && is(from + 1, 'm')
        && is(from + 2, 'p')
        && is(from + 3, ';')) {
      from += 4;
      add(from - at, (byte) '&');
    }
    if (is(from, '#')) {
      boolean hex = is(from + 1, 'x') || is(from + 1, 'X');
      int point = 0;
      int digits = hex ? from + 2 : from + 1;
      for (int i = digits; i < digits + LONGEST_ENTITY && there(i); i++) {
        int digit = Character.digit(text[i], hex ? 16 : 10);
        if (digit < 0) {
          if (text[i] == ';' && i > digits && Character.isValidCodePoint(point)) {
            found(i + 1 - at, point);
          }
          return;
        }
        point = Math.min(point * (hex ? 16 : 10) + digit, Character.MAX_CODE_POINT + 1);
      }
      return;
    }
    for (int i = from; i < from + LONGEST_ENTITY && there(i); i++) {
      if (text[i] == ';') {
        Integer point = NAMED.get(new String(text, from, i - from, StandardCharsets.ISO_8859_1));
        if (point != null) {
          found(i + 1 - at, point);
        }
        return;
      }
      if (!Character.isLetter(text[i])) {
        return;
      }
    }
  }

  /** How a shell writes a single quote: {@code '\''}, {@code '"'"'}; and SQL: {@code ''}. */
  private void quote(int at) {
    doubled(at, '\'');
    int to = at + 1;
    while (to - at < LONGEST_RUN && is(to, '\\')) {
      to++;
    }
    if (to > at + 1 && is(to, '\'') && is(to + 1, '\'')) {
      add(to + 2 - at, (byte) '\'');
    }
    if (is(to, '"') && is(to + 1, '\'')) {
      int close = to + 2;
      while (close - to < LONGEST_RUN && is(close, '\\')) {
        close++;
      }
      if (is(close, '"') && is(close + 1, '\'')) {
        add(close + 2 - at, (byte) '\'');
      }
    }
  }

  private void doubled(int at, char quote) {
    if (is(at + 1, quote)) {
      add(2, (byte) quote);
    }
  }

  private static Map<String, Integer> named() {
    String all =
        "amp & AMP & lt < LT < gt > GT > quot \" QUOT \" apos ' excl ! num # dollar $ percnt %"
            + " lpar ( rpar ) ast * midast * plus + comma , period . sol / colon : semi ; equals ="
            + " quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] Hat ^ lowbar _"
            + " UnderBar _ grave ` lcub { lbrace { verbar | vert | VerticalLine | rcub } rbrace }"
            + " hyphen - dash -";
    String[] words = all.split(" ");
    var named = new java.util.HashMap<String, Integer>();
    for (int i = 0; i < words.length; i += 2) {
      named.put(words[i], words[i + 1].codePointAt(0));
    }
    named.put("Tab", (int) '\t');
    named.put("NewLine", (int) '\n');
    named.put("nbsp", (int) ' ');
    return Map.copyOf(named);
  }
}
