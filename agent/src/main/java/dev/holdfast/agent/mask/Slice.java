package dev.holdfast.agent.mask;

import java.util.Arrays;
import java.util.List;

/**
 * Bytes of a value: all of it, or one of its lines. Ordered as unsigned bytes, the shorter first.
 */
record Slice(byte[] bytes, int from, int length) implements Comparable<Slice> {
  int at(int index) {
    return bytes[from + index] & 0xff;
  }

  @Override
  public int compareTo(Slice other) {
    return Arrays.compareUnsigned(
        bytes, from, from + length, other.bytes, other.from, other.from + other.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slice slice && compareTo(slice) == 0;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + at(i);
    }
    return hash;
  }

  /**
   * Adds the lines of {@code value}, without the blanks around them, if it has more than one.
   *
   * @param shortest those below are left out
   */
  static void lines(byte[] value, int shortest, List<Slice> to) {
    int from = 0;
    for (int i = 0; i <= value.length; i++) {
      if (i == value.length || value[i] == '\n' || value[i] == '\r') {
        int begin = from;
        int end = i;
        while (begin < end && blank(value[begin])) {
          begin++;
        }
        while (begin < end && blank(value[end - 1])) {
          end--;
        }
        if (end - begin >= shortest && end - begin < value.length && !armour(value, begin, end)) {
          to.add(new Slice(value, begin, end - begin));
        }
        from = i + 1;
      }
    }
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** What stands around every key and certificate, and is in many logs. */
  private static boolean armour(byte[] value, int begin, int end) {
    return end - begin > 10
        && value[begin] == '-'
        && value[begin + 4] == '-'
        && value[end - 1] == '-'
        && value[end - 5] == '-';
  }
}
