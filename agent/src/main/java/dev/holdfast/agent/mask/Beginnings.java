package dev.holdfast.agent.mask;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Where in a text a value may begin, told from five bytes: the one thing that is done for every
 * byte of a log, so that all else is done for few of them.
 *
 * <p>{@link #mayBegin} is the definition: a place is one if its bytes agree with the first
 * characters of a value in some way of writing, up to the first byte behind which anything may
 * stand, such as one that introduces an escape, a sequence for terminals or a line end; if an
 * escape is introduced right there; or if a backspace is near, which deletes what does not agree.
 * It says yes wherever {@link Trial} could come to something, and sometimes without need. That it
 * leaves nothing out is held by {@code MaskingPropertiesTest}, which compares with a search that
 * tries every place.
 *
 * <p>{@link #next} asks that for few places. Of few values it takes the text by two bytes, for each
 * of which one byte of a table says what they may be of a place that begins there or one before;
 * only where two and the next two agree in that, or where anything may follow, it looks closer.
 */
final class Beginnings {
  static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  /** Characters of a value that are looked at. */
  private static final int LENGTH = 4;

  /** Bits for each value: it has about fifty beginnings, and a bit of thirty should be set. */
  private static final long ROOM = 1600;

  private static final byte BACKSPACE = '\b';

  /** What may stand between two bytes that are written as hexadecimal digits, or begin it. */
  private static final boolean[] SEPARATES = set(" \t:-,;0");

  /** An escape that begins here may be any character. */
  private static final boolean[] OPENS = set("\\&%");

  /** Behind these anything may stand: they begin what is not seen, an escape or a quote. */
  private static final boolean[] ANYTHING_FOLLOWS = anythingFollows();

  private static final VarHandle PAIR =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private static final VarHandle FOUR =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Behind more, anything counts as a digit. */
  private static final int MOST_SEPARATORS = 32;

  /** From so many values on, four bytes are looked up at once. */
  private static final int CROWD = 48;

  /** One for bytes at or behind which a value may begin whatever the others are; else none. */
  private static final int[] MARKS = marks();

  /** One for bytes that separate, else none. */
  private static final int[] SEPARATE = new int[256];

  static {
    for (int b = 0; b < 256; b++) {
      SEPARATE[b] = SEPARATES[b] ? 1 : 0;
    }
  }

  /** That each of four bytes is marked, or none was looked at yet. */
  private static final int ALL_MARKED = 0b1111;

  private final boolean crowded;
  private final boolean[] first = new boolean[256];
  private final Bits pairs = new Bits(16);

  /** Two digits of a byte, so that a separator may follow. */
  private final Bits digits = new Bits(16);

  private final Bits triples;
  private final Bits quads;

  // What two bytes may be, and in the upper half of the same byte, what the two behind may be.
  private static final int FIRST_TWO = 1;
  private static final int SECOND_AND_THIRD = 1 << 1;

  /** Whatever comes behind. */
  private static final int LOOK = 1 << 2;

  private static final int THIRD_AND_FOURTH = FIRST_TWO << 4;
  private static final int FOURTH = SECOND_AND_THIRD << 4;
  private static final int WHATEVER = LOOK << 4;

  private final byte[] twos = new byte[1 << 16];

  private Beginnings(int values) {
    this.crowded = values >= CROWD;
    int size = Math.clamp(64L - Long.numberOfLeadingZeros(ROOM * values), 15, 24);
    this.triples = new Bits(size);
    this.quads = new Bits(size);
  }

  static Beginnings of(List<Slice> values) {
    var made = new Beginnings(values.size());
    values.forEach(made::enter);
    made.forAll();
    return made;
  }

  /**
   * The first place from {@code from} on where a value may begin; {@code end} if there is none. The
   * last places, behind which too little stands to tell, are such places.
   */
  int next(byte[] text, int from, int end) {
    int last = end - LENGTH - 1;
    if (from > last || mayBegin(text, from, end)) {
      return from;
    }
    if (crowded) {
      return closely(text, from, end);
    }
    int these = twos[(short) PAIR.get(text, from + 1) & 0xffff];
    for (int at = from + 1; at <= last + 1; at += 2) {
      int those = twos[(short) PAIR.get(text, at + 2) & 0xffff];
      if ((these & (those >> 4) & 7) != 0) {
        // What opens an escape at the end of these two is in no other two that are looked at.
        for (int place = at - 1; place <= Math.min(at + 1, last); place++) {
          if (place >= from && (text[place] == BACKSPACE || mayBegin(text, place, end))) {
            return beforeDeletions(text, from, place);
          }
        }
      }
      these = those;
    }
    return beforeDeletions(text, from, last + 1);
  }

  /**
   * As {@link #next}, for so many values that nearly every two bytes are of one: there the table
   * says nothing. Four bytes say more, of whatever is not marked: looked up at every place, they
   * leave few of them.
   */
  private int closely(byte[] text, int from, int end) {
    int last = end - LENGTH - 1;
    int marks = ALL_MARKED;
    for (int at = from; at <= last; at++) {
      int four = (int) FOUR.get(text, at);
      marks = (marks << 1 | MARKS[four & 0xff]) & ALL_MARKED;
      // One branch for all: which of them it is nobody can foretell.
      int separated = SEPARATE[four >>> 8 & 0xff] & digits.one(four >>> 16);
      if ((marks | quads.one(four) | separated) != 0
          && (text[at] == BACKSPACE || mayBegin(text, at, end))) {
        return beforeDeletions(text, from, at);
      }
    }
    return beforeDeletions(text, from, last + 1);
  }

  /** A backspace deletes what does not agree, so all places right before it are such places. */
  private static int beforeDeletions(byte[] text, int from, int place) {
    for (int at = place; at < place + LENGTH; at++) {
      if (text[at] == BACKSPACE) {
        return Math.max(from, at - LENGTH);
      }
    }
    return place;
  }

  /** Whether one may begin at {@code at}, if none of the four bytes behind is a backspace. */
  private boolean mayBegin(byte[] text, int at, int end) {
    int a = text[at] & 0xff;
    if (OPENS[a]) {
      return true;
    }
    if (!first[a]) {
      return false;
    }
    int b = text[at + 1] & 0xff;
    int two = a << 8 | b;
    if (b == '\n' && !pairs.has(two)) {
      // Of all these bytes logs have this one most.
      int behind = text[at + 2] & 0xff;
      return ANYTHING_FOLLOWS[behind]
          || behind == ' '
          || behind == '\t'
          || pairs.has(a << 8 | behind);
    }
    if (ANYTHING_FOLLOWS[b]) {
      return true;
    }
    if (!pairs.has(two)) {
      return false;
    }
    int c = text[at + 2] & 0xff;
    int three = two << 8 | c;
    boolean hex = digits.has(two);
    if (c == '\n' && !triples.has(three)) {
      int behind = text[at + 3] & 0xff;
      return ANYTHING_FOLLOWS[behind]
          || behind == ' '
          || behind == '\t'
          || (hex && SEPARATES[behind])
          || triples.has(two << 8 | behind)
          || text[at + 4] == BACKSPACE;
    }
    if (ANYTHING_FOLLOWS[c] || (hex && SEPARATES[c] && goesOn(text, at + 2, end, two))) {
      return true;
    }
    if (!triples.has(three)) {
      return false;
    }
    int d = text[at + 3] & 0xff;
    return ANYTHING_FOLLOWS[d] || quads.has(three << 8 | d);
  }

  /** Whether behind the two digits of a byte and what separates may come those of the next. */
  private boolean goesOn(byte[] text, int from, int end, int digits) {
    int at = from;
    while (at < end
        && at < from + MOST_SEPARATORS
        && SEPARATES[text[at] & 0xff]
        && text[at] != '0') {
      at++;
    }
    if (at + 2 >= end || at == from + MOST_SEPARATORS) {
      return true;
    }
    int third = text[at] & 0xff;
    int fourth = text[at + 1] & 0xff;
    if (ANYTHING_FOLLOWS[third]
        || fourth == BACKSPACE
        || (third == '0' && (fourth | 0x20) == 'x')) {
      return true;
    }
    // A backspace deletes a digit that is wrong.
    return triples.has(digits << 8 | third)
        && (ANYTHING_FOLLOWS[fourth]
            || text[at + 2] == BACKSPACE
            || quads.has(digits << 16 | third << 8 | fourth));
  }

  private void enter(Slice value) {
    int[][] options = new int[LENGTH][];
    for (int i = 0; i < LENGTH; i++) {
      // In the parameters of a URL a blank is a plus.
      options[i] = value.at(i) == ' ' ? new int[] {' ', '+'} : new int[] {value.at(i)};
    }
    enter(options);
    for (int i = 0; i < LENGTH; i++) {
      int b = value.at(i / 2);
      char digit = Character.forDigit(i % 2 == 0 ? b >> 4 : b & 15, 16);
      options[i] = new int[] {digit, Character.toUpperCase(digit)};
    }
    enter(options);
    for (int a : options[0]) {
      for (int b : options[1]) {
        digits.set(a << 8 | b);
      }
    }
    for (int b : options[1]) {
      for (int any = 0; any < 256; any++) {
        may(b << 8 | any, SEPARATES[any] ? LOOK : 0);
      }
    }
    for (int before = 0; before < 3; before++) {
      // Behind none, one or two bytes of something else, which have bits of the first character.
      int bit = 0;
      for (int i = 0; i < LENGTH; i++) {
        int own = i == 0 ? 6 - 2 * before : 6;
        options[i] = base64(bits(value, bit, own), own);
        bit += own;
      }
      enter(options);
    }
  }

  private static int bits(Slice value, int bit, int count) {
    int bits = 0;
    for (int i = bit; i < bit + count; i++) {
      bits = bits << 1 | (value.at(i >>> 3) >>> (7 - (i & 7)) & 1);
    }
    return bits;
  }

  /** The characters, of both alphabets, of which the last {@code own} bits are these. */
  private static int[] base64(int bits, int own) {
    var characters = new StringBuilder();
    for (int sextet = bits; sextet < 64; sextet += 1 << own) {
      characters.append(BASE64.charAt(sextet));
      characters.append(sextet == 62 ? "-" : sextet == 63 ? "_" : "");
    }
    return characters.chars().toArray();
  }

  private void enter(int[][] options) {
    for (int a : options[0]) {
      first[a] = true;
      for (int b : options[1]) {
        pairs.set(a << 8 | b);
        may(a << 8 | b, FIRST_TWO);
        for (int c : options[2]) {
          int three = (a << 8 | b) << 8 | c;
          triples.set(three);
          for (int d : options[3]) {
            quads.set(three << 8 | d);
          }
        }
      }
    }
    for (int c : options[2]) {
      for (int b : options[1]) {
        may(b << 8 | c, SECOND_AND_THIRD);
      }
      for (int d : options[3]) {
        may(c << 8 | d, THIRD_AND_FOURTH);
      }
    }
    for (int any = 0; any < 256; any++) {
      for (int b : options[1]) {
        may(b << 8 | any, ANYTHING_FOLLOWS[any] ? LOOK : 0);
      }
      for (int c : options[2]) {
        may(c << 8 | any, ANYTHING_FOLLOWS[any] ? THIRD_AND_FOURTH : 0);
      }
      for (int d : options[3]) {
        may(d << 8 | any, FOURTH);
      }
    }
  }

  /** Enters what goes for all values. */
  private void forAll() {
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        boolean opens = OPENS[b] || (first[a] && ANYTHING_FOLLOWS[b]);
        boolean look = ANYTHING_FOLLOWS[a] || opens || b == BACKSPACE;
        boolean behind = ANYTHING_FOLLOWS[a] || SEPARATES[a];
        may(a << 8 | b, WHATEVER | (look ? LOOK : 0));
        may(a << 8 | b, behind ? THIRD_AND_FOURTH : 0);
        may(a << 8 | b, ANYTHING_FOLLOWS[a] ? FOURTH : 0);
      }
    }
  }

  private void may(int two, int be) {
    twos[two] = (byte) (twos[two] | be);
  }

  private static boolean[] set(String characters) {
    boolean[] set = new boolean[256];
    characters.chars().forEach(c -> set[c] = true);
    return set;
  }

  private static boolean[] anythingFollows() {
    // Apart from these three, with which characters without width begin, all are ASCII.
    boolean[] set = set("\\&%'\"\u007f\u00c2\u00e2\u00ef");
    for (int control = 0; control < ' '; control++) {
      set[control] = control != '\t';
    }
    return set;
  }

  private static int[] marks() {
    int[] marks = new int[256];
    for (int b = 0; b < 256; b++) {
      marks[b] = OPENS[b] || ANYTHING_FOLLOWS[b] ? 1 : 0;
    }
    return marks;
  }

  /** A set of numbers, by a hash: it also has some that were not set. */
  private static final class Bits {
    private final int shift;
    private final long[] words;

    /**
     * @param size of the hash, in bits
     */
    Bits(int size) {
      this.shift = 32 - size;
      this.words = new long[1 << (size - 6)];
    }

    void set(int number) {
      int bit = bit(number);
      words[bit >>> 6] |= 1L << bit;
    }

    boolean has(int number) {
      int bit = bit(number);
      return (words[bit >>> 6] & (1L << bit)) != 0;
    }

    /** 1 if it has it, else 0. */
    int one(int number) {
      int bit = bit(number);
      return (int) (words[bit >>> 6] >>> bit) & 1;
    }

    private int bit(int number) {
      return (number * 0x9e3779b1) >>> shift;
    }
  }
}
