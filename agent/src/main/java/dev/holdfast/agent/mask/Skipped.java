package dev.holdfast.agent.mask;

/**
 * What may stand between two characters of a value and is not seen by whoever reads the log: what
 * commands a terminal, in the grammar by which {@code holdfast logs} takes it out, control
 * characters, characters without width, and line ends with the blanks behind them.
 */
final class Skipped {
  /** There is nothing of the kind. */
  static final int NOTHING = 0;

  /** More bytes are needed to tell. */
  static final int OPEN = -1;

  /** Longer than any sequence that a program sends. */
  private static final int LONGEST = 4096;

  private Skipped() {}

  /**
   * The length of what is to be passed over at {@code at}, {@link #NOTHING} or {@link #OPEN}.
   *
   * @param last whether no more bytes will come
   */
  static int length(byte[] text, int at, int end, boolean last) {
    int b = text[at] & 0xff;
    if (b >= 0x20 && b < 0x7f) {
      return NOTHING;
    }
    int more = last ? NOTHING : OPEN;
    return switch (b) {
      case '\t' -> NOTHING;
      case '\n' -> line(text, at, end, last);
      case 0x1b -> escape(text, at, end, last);
      case 0xc2 -> at + 1 == end ? more : latin(text, at, end, last);
      case 0xe2 -> at + 2 >= end ? (plausible(text, at, end) ? more : NOTHING) : general(text, at);
      case 0xef ->
          at + 2 >= end
              ? more
              : text[at + 1] == (byte) 0xbb && text[at + 2] == (byte) 0xbf ? 3 : NOTHING;
      default -> b < 0x20 || b == 0x7f ? 1 : NOTHING;
    };
  }

  private static int line(byte[] text, int at, int end, boolean last) {
    int to = at + 1;
    while (to < end && to - at < LONGEST && (text[to] == ' ' || text[to] == '\t')) {
      to++;
    }
    return to < end || last || to - at >= LONGEST ? to - at : OPEN;
  }

  private static boolean plausible(byte[] text, int at, int end) {
    return at + 1 == end || text[at + 1] == (byte) 0x80 || text[at + 1] == (byte) 0x81;
  }

  /** Zero-width and direction characters: U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F. */
  private static int general(byte[] text, int at) {
    int second = text[at + 1] & 0xff;
    int third = text[at + 2] & 0xff;
    boolean unseen =
        (second == 0x80 && ((third >= 0x8b && third <= 0x8f) || (third >= 0xaa && third <= 0xae)))
            || (second == 0x81 && third >= 0xa0 && third <= 0xaf);
    return unseen ? 3 : NOTHING;
  }

  /** The one-byte forms of control sequences, and the soft hyphen. */
  private static int latin(byte[] text, int at, int end, boolean last) {
    int b = text[at + 1] & 0xff;
    return switch (b) {
      case 0x9b -> control(text, at, at + 2, end, last);
      case 0x90, 0x98, 0x9d, 0x9e, 0x9f -> string(text, at, at + 2, end, last);
      case 0xad -> 2;
      default -> b >= 0x80 && b < 0xa0 ? 2 : NOTHING;
    };
  }

  private static int escape(byte[] text, int at, int end, boolean last) {
    int to = at + 1;
    while (to < end && text[to] >= 0x20 && text[to] < 0x30 && to - at < LONGEST) {
      to++;
    }
    if (to == end) {
      return last ? to - at : OPEN;
    }
    return switch (text[to]) {
      case '[' -> control(text, at, to + 1, end, last);
      case ']', 'P', 'X', '^', '_' -> string(text, at, to + 1, end, last);
      case '\n', 0x1b -> to - at;
      default -> to + 1 - at;
    };
  }

  private static int control(byte[] text, int at, int from, int end, boolean last) {
    for (int to = from; to < end; to++) {
      byte b = text[to];
      if (b == '\n' || b == 0x1b || to - at >= LONGEST) {
        return to - at;
      }
      if (b >= 0x40 && b <= 0x7e) {
        return to + 1 - at;
      }
    }
    return last ? end - at : OPEN;
  }

  private static int string(byte[] text, int at, int from, int end, boolean last) {
    for (int to = from; to < end; to++) {
      byte b = text[to];
      if (b == 0x07) {
        return to + 1 - at;
      }
      if (b == '\n' || to - at >= LONGEST) {
        return to - at;
      }
      if (b == '\\' && text[to - 1] == 0x1b) {
        return to + 1 - at;
      }
      if (b == (byte) 0x9c && text[to - 1] == (byte) 0xc2) {
        return to + 1 - at;
      }
    }
    return last ? end - at : OPEN;
  }
}
