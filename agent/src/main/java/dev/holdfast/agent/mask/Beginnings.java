package dev.holdfast.agent.mask;

import java.util.List;

/**
 * Where in a text a value may begin, told from three or four bytes by one look into a table: the
 * one thing that is done for every byte of a log, so that all else is done for few of them.
 *
 * <p>Bytes fall into 64 classes, so that three make an index of 18 bits and four one of 24. The
 * table says yes wherever {@link Trial} could go on behind these bytes, and sometimes without need.
 * For each way of writing, the classes of a value's first characters are entered; and since
 * anything may stand behind a byte that introduces an escape, a sequence for terminals or a line
 * end, so is each beginning that is broken off by one. That this leaves nothing out is held by
 * {@code MaskingPropertiesTest}, which compares with a search that tries every place.
 */
final class Beginnings {
  private static final int LETTER = 0;
  private static final int DIGIT = 26;
  private static final int ESCAPE = 36;
  private static final int LINE = 37;
  private static final int PERCENT = 38;
  private static final int BACKSLASH = 39;
  private static final int AMPERSAND = 40;
  private static final int QUOTE = 41;
  private static final int DOUBLE = 42;
  private static final int CONTROL = 43;
  private static final int LATIN = 44;
  private static final int GENERAL = 45;
  private static final int MARK = 46;

  /** Up to this one from {@link #ESCAPE} on, anything may follow. */
  private static final int LAST_INTRODUCER = MARK;

  private static final int BLANK = 47;
  private static final int OTHERS = 48;
  private static final String PUNCTUATION = ":-,+/_=.@#$;{";
  private static final byte[] CLASS = classes();
  static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  /** More beginnings than this need four bytes to be told from ordinary text. */
  private static final int FEW = 64;

  private final int length;
  private final int mask;
  private final long[] table;

  private Beginnings(int length) {
    this.length = length;
    this.mask = (1 << (6 * length)) - 1;
    this.table = new long[(mask >>> 6) + 1];
  }

  /** Something may stand before a control character that deletes it, whatever it is. */
  private void deletions() {
    for (int i = 0; i < table.length; i++) {
      table[i] |= length == 4 && (i & 63) == CONTROL ? -1L : 1L << CONTROL;
    }
  }

  static Beginnings of(List<Slice> values) {
    var made = new Beginnings(values.size() <= FEW ? 3 : 4);
    if (!values.isEmpty()) {
      made.deletions();
    }
    values.forEach(made::enter);
    return made;
  }

  /**
   * The first place from {@code from} on where a value may begin; {@code end} if there is none. The
   * last places, behind which too little stands to tell, are such places.
   */
  int next(byte[] text, int from, int end) {
    int last = end - length;
    if (from > last) {
      return from;
    }
    int index = 0;
    int at = from;
    for (int i = 0; i < length - 1; i++) {
      index = (index << 6) | CLASS[text[at++] & 0xff];
    }
    for (; at < end; at++) {
      index = ((index << 6) | CLASS[text[at] & 0xff]) & mask;
      if ((table[index >>> 6] & (1L << index)) != 0) {
        // What is deleted may stand right behind the bytes that are looked at.
        return CLASS[text[at] & 0xff] == CONTROL ? Math.max(from, at - length) : at - length + 1;
      }
    }
    return last + 1;
  }

  private void enter(Slice value) {
    // As text; a blank may be a plus.
    int[][] options = new int[length][];
    for (int i = 0; i < length; i++) {
      int b = value.at(i);
      options[i] = b == ' ' ? classesOf(" +") : new int[] {CLASS[b]};
    }
    enter(options, -1);
    int first = value.at(0);
    escapedAs(first);
    // As hexadecimal digits, in two of which there may be something between bytes.
    for (int i = 0; i < length; i++) {
      int b = value.at(i / 2);
      options[i] =
          classesOf(Character.toString(Character.forDigit(i % 2 == 0 ? b >> 4 : b & 15, 16)));
    }
    enter(options, 2);
    // As base64, behind none, one or two bytes of something else.
    for (int before = 0; before < 3; before++) {
      int bit = 0;
      for (int i = 0; i < length; i++) {
        int more = i == 0 ? 6 - 2 * before : 6;
        int bits = bits(value, bit, more);
        bit += more;
        var characters = new StringBuilder();
        for (int sextet = bits; sextet < 64; sextet += 1 << more) {
          characters.append(BASE64.charAt(sextet));
        }
        if (characters.indexOf("+") >= 0) {
          characters.append('-');
        }
        if (characters.indexOf("/") >= 0) {
          characters.append('_');
        }
        options[i] = classesOf(characters.toString());
      }
      enter(options, -1);
    }
  }

  /** What begins with an escape, of which the first bytes tell little. */
  private void escapedAs(int first) {
    int[] any = new int[] {BACKSLASH, AMPERSAND};
    for (int introducer : any) {
      all(introducer, 1);
    }
    int percent = PERCENT << 6;
    all((percent | DIGIT + 2) << 6 | DIGIT + 5, 3);
    all((percent | DIGIT + 2) << 6 | LETTER + 1, 3);
    all((percent | DIGIT + 2) << 6 | LETTER + 5, 3);
    all(
        (percent | CLASS[Character.forDigit(first >> 4, 16)]) << 6
            | CLASS[Character.forDigit(first & 15, 16)],
        3);
    if (first == '\'' || first == '"') {
      all(CLASS[first], 1);
    }
  }

  private void enter(int[][] options, int separated) {
    enter(options, separated, 0, 0);
  }

  private void enter(int[][] options, int separated, int index, int prefix) {
    if (index == length) {
      table[prefix >>> 6] |= 1L << prefix;
      return;
    }
    if (index > 0) {
      for (int introducer = ESCAPE; introducer <= LAST_INTRODUCER; introducer++) {
        all(prefix << 6 | introducer, index + 1);
      }
    }
    if (index == separated) {
      for (int separator : classesOf(" :-,;0")) {
        all(prefix << 6 | separator, index + 1);
      }
    }
    for (int option : options[index]) {
      enter(options, separated, index + 1, prefix << 6 | option);
    }
  }

  /** Enters everything that begins with these classes, of which there are {@code count}. */
  private void all(int prefix, int count) {
    int left = 6 * (length - count);
    int from = prefix << left;
    if (left == 0) {
      table[from >>> 6] |= 1L << from;
    } else {
      java.util.Arrays.fill(table, from >>> 6, (from >>> 6) + (1 << (left - 6)), -1L);
    }
  }

  private static int bits(Slice value, int bit, int count) {
    int bits = 0;
    for (int i = bit; i < bit + count; i++) {
      bits = bits << 1 | (value.at(i >>> 3) >>> (7 - (i & 7)) & 1);
    }
    return bits;
  }

  private static int[] classesOf(String characters) {
    return characters.chars().map(c -> CLASS[c]).distinct().toArray();
  }

  private static byte[] classes() {
    byte[] classes = new byte[256];
    for (int b = 0; b < 256; b++) {
      classes[b] = (byte) classOf(b);
    }
    return classes;
  }

  private static int classOf(int b) {
    if (b >= 'a' && b <= 'z') {
      return LETTER + b - 'a';
    }
    if (b >= 'A' && b <= 'Z') {
      return LETTER + b - 'A';
    }
    if (b >= '0' && b <= '9') {
      return DIGIT + b - '0';
    }
    int punctuation = b < 0x80 ? PUNCTUATION.indexOf(b) : -1;
    if (punctuation >= 0) {
      return OTHERS + punctuation;
    }
    return switch (b) {
      case 0x1b -> ESCAPE;
      case '\n', '\r' -> LINE;
      case '%' -> PERCENT;
      case '\\' -> BACKSLASH;
      case '&' -> AMPERSAND;
      case '\'' -> QUOTE;
      case '"' -> DOUBLE;
      case 0xc2 -> LATIN;
      case 0xe2 -> GENERAL;
      case 0xef -> MARK;
      case ' ', '\t' -> BLANK;
      default -> b < 0x20 || b == 0x7f ? CONTROL : b < 0x80 ? 62 : 63;
    };
  }
}
