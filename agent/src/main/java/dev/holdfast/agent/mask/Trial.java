package dev.holdfast.agent.mask;

import java.util.Arrays;

/**
 * Finds the values that begin at one place of a text, in every way of writing at once. It may run
 * out of text and go on when there is more.
 *
 * <p>It is a set of threads. Each has a way of writing, a place in the text, and what it may still
 * become: a range of {@link Values} and how many of their bits it has. The thread that is furthest
 * behind takes the next step: it reads one character, in each way that it can be read, and becomes
 * a thread for each of those that a value agrees with; mostly one or none. What is {@link Skipped}
 * moves it on as it is. Threads that came to the same are one. A thread that would need bytes that
 * are not there waits; the trial is undecided as long as one does.
 *
 * <p>Not thread-safe; nothing is allocated while it runs, but for escapes.
 */
final class Trial {
  /** As many as no value has that is not made for it. What has more is masked. */
  private static final int MOST = 64;

  private static final int TEXT = 0;
  private static final int HEX = 1;
  private static final int BASE64 = 2;

  /** Behind one and two bytes of something else, of which the first character has bits, too. */
  private static final int BASE64_BEHIND_ONE = 3;

  private static final int BASE64_BEHIND_TWO = 4;
  private static final byte[] SEXTETS = sextets();

  private final Values values;
  private final Escapes escapes = new Escapes();
  private final int[] ways = new int[MOST];
  private final int[] places = new int[MOST];
  private final int[] lows = new int[MOST];
  private final int[] highs = new int[MOST];
  private final int[] agreed = new int[MOST];
  private final boolean[] waiting = new boolean[MOST];
  private int count;
  private int found;
  private byte[] text = {};
  private int end;
  private boolean last;

  Trial(Values values) {
    this.values = values;
  }

  /** Tries {@code at}. */
  void begin(byte[] where, int at, int to, boolean complete) {
    found = -1;
    count = 0;
    text = where;
    end = to;
    boolean plain = at < to && !Escapes.introduced(where[at]);
    for (int way = TEXT; way <= BASE64_BEHIND_TWO; way++) {
      // Nearly every trial ends with its first character, so that is read without a thread.
      if (plain) {
        character(way, where[at] & 0xff, at + 1, 0, values.count(), 0);
      } else {
        add(way, at, 0, values.count(), 0);
      }
    }
    goOn(where, to, complete);
  }

  /**
   * Goes on.
   *
   * @param complete whether no more text will come
   */
  void goOn(byte[] where, int to, boolean complete) {
    text = where;
    end = to;
    last = complete;
    Arrays.fill(waiting, 0, count, false);
    for (int next = behind(); next >= 0; next = behind()) {
      step(next);
    }
  }

  /** The thread to go on with; -1 if all wait. */
  private int behind() {
    int next = -1;
    for (int i = 0; i < count; i++) {
      if (!waiting[i] && places[i] < end && (next < 0 || places[i] < places[next])) {
        next = i;
      }
    }
    return next;
  }

  /** The text now begins {@code by} bytes later. */
  void shift(int by) {
    found = found < 0 ? found : found - by;
    for (int i = 0; i < count; i++) {
      places[i] -= by;
    }
  }

  /** Where the longest value ends that begins here; -1 if none is whole so far. */
  int found() {
    return found;
  }

  /** Whether more text could make one that ends later. */
  boolean undecided() {
    return count > 0;
  }

  /** How many bits of some value stand here at least, of those that are not decided. */
  int agreed() {
    int most = 0;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, agreed[i]);
    }
    return most;
  }

  /** One character for one thread. */
  private void step(int i) {
    int way = ways[i];
    int at = places[i];
    int low = lows[i];
    int high = highs[i];
    int bits = agreed[i];
    byte b = text[at];
    boolean introduced = Escapes.introduced(b);
    int skip = bits > 0 ? skip(way, at, bits) : Skipped.NOTHING;
    if (skip == Skipped.OPEN || (introduced && !escapes.read(text, at, end, last))) {
      waiting[i] = true;
      return;
    }
    remove(i);
    if (skip > 0) {
      add(way, at + skip, low, high, bits);
    }
    if (skip > 1 && b == '\n') {
      // A blank behind a line end may be the value's own.
      add(way, at + 1, low, high, bits);
      add(way, at + skip - 1, low, high, bits);
    }
    boolean agrees = character(way, b & 0xff, at + 1, low, high, bits);
    if (introduced) {
      for (int e = 0; e < escapes.count(); e++) {
        escaped(way, at + escapes.length(e), escapes.bytes(e), low, high, bits);
      }
    }
    if (bits > 0) {
      deleted(way, at, low, high, bits, agrees || skip > 0);
    }
  }

  private int skip(int way, int at, int bits) {
    if (text[at] == '\b' && at + 1 == end && !last) {
      return Skipped.OPEN;
    }
    int unseen = Skipped.length(text, at, end, last);
    return unseen == Skipped.NOTHING && way == HEX && (bits & 7) == 0 ? separators(at) : unseen;
  }

  /** What stands between two bytes: {@code 41:42}, {@code 41 42}, {@code 0x41, 0x42}. */
  private int separators(int at) {
    int to = at;
    while (to < end && " \t:-,;".indexOf(text[to]) >= 0) {
      to++;
    }
    if (to + 1 < end) {
      return text[to] == '0' && (text[to + 1] | 0x20) == 'x' ? to + 2 - at : to - at;
    }
    return last || (to < end && text[to] != '0') ? to - at : Skipped.OPEN;
  }

  /** A character that is typed over: one that is wrong and deleted, or one that is made bold. */
  private void deleted(int way, int at, int low, int high, int bits, boolean agrees) {
    if (at + 1 == end) {
      if (!agrees && !last) {
        add(way, at, low, high, bits);
        waiting[count - 1] = true;
      }
    } else if (text[at] == '\b' ? text[at + 1] == text[at - 1] : text[at + 1] == '\b' && !agrees) {
      add(way, at + 2, low, high, bits);
    }
  }

  private void escaped(int way, int next, byte[] bytes, int low, int high, int bits) {
    if (bytes.length == 0) {
      if (bits > 0) {
        add(way, next, low, high, bits);
      }
    } else if (way != TEXT) {
      boolean line = bytes[0] == '\n' || bytes[0] == '\r';
      if (line && bits > 0) {
        add(way, next, low, high, bits);
      } else if (bytes.length == 1) {
        character(way, bytes[0] & 0xff, next, low, high, bits);
      }
    } else {
      long range = (long) high << 32 | low;
      int have = bits;
      for (int i = 0; i < bytes.length && range != 0; i++) {
        range = values.narrow((int) range, (int) (range >>> 32), have, 8, bytes[i] & 0xff);
        have += 8;
        ended(range, have, next);
      }
      on(way, next, range, have);
    }
  }

  /** Whether some value agrees with this character. */
  private boolean character(int way, int b, int next, int low, int high, int bits) {
    if (way == TEXT) {
      return take(way, next, low, high, bits, 8, b);
    }
    if (way == HEX) {
      int digit = Character.digit(b, 16);
      return digit >= 0 && take(way, next, low, high, bits, 4, digit);
    }
    int sextet = b < 128 ? SEXTETS[b] : -1;
    int more = way == BASE64 ? 6 : way == BASE64_BEHIND_ONE ? 4 : 2;
    return sextet >= 0 && take(BASE64, next, low, high, bits, more, sextet & ((1 << more) - 1));
  }

  private boolean take(int way, int next, int low, int high, int bits, int more, int what) {
    int room = 8 - (bits & 7);
    int rest = Math.max(0, more - room);
    long range = values.narrow(low, high, bits, more - rest, what >>> rest);
    ended(range, bits + more - rest, next);
    if (rest > 0 && range != 0) {
      boolean over = values.ends((int) range, bits + room);
      range =
          values.narrow(
              (int) range, (int) (range >>> 32), bits + room, rest, what & ((1 << rest) - 1));
      on(way, next, range, bits + more);
      return over || range != 0;
    }
    on(way, next, range, bits + more);
    return range != 0;
  }

  private void ended(long range, int bits, int next) {
    if (range != 0 && values.ends((int) range, bits)) {
      found = Math.max(found, next);
    }
  }

  private void on(int way, int next, long range, int bits) {
    int low = (int) range;
    int high = (int) (range >>> 32);
    if (range != 0 && !(high - low == 1 && values.ends(low, bits))) {
      add(way, next, low, high, bits);
    }
  }

  private void add(int way, int place, int low, int high, int bits) {
    for (int i = 0; i < count; i++) {
      if (places[i] == place
          && ways[i] == way
          && lows[i] == low
          && highs[i] == high
          && agreed[i] == bits) {
        return;
      }
    }
    if (count == MOST) {
      found = Math.max(found, Math.min(place, end));
      return;
    }
    ways[count] = way;
    places[count] = place;
    lows[count] = low;
    highs[count] = high;
    agreed[count] = bits;
    waiting[count] = false;
    count++;
  }

  private void remove(int i) {
    count--;
    ways[i] = ways[count];
    places[i] = places[count];
    lows[i] = lows[count];
    highs[i] = highs[count];
    agreed[i] = agreed[count];
    waiting[i] = waiting[count];
  }

  private static byte[] sextets() {
    byte[] sextets = new byte[128];
    Arrays.fill(sextets, (byte) -1);
    for (int i = 0; i < 64; i++) {
      sextets[Beginnings.BASE64.charAt(i)] = (byte) i;
    }
    sextets['-'] = 62;
    sextets['_'] = 63;
    return sextets;
  }
}
