package dev.holdfast.agent.mask;

import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * What is to be found: values and lines in the order of their bytes, and where one may begin.
 *
 * <p>The sorted list is the tree of their beginnings. All that begin with the same bits are
 * neighbours, so what a stretch of text may still become is a range of the list and a count of bits
 * that agree; more bits narrow the range by a binary search. It takes them in whatever pieces a way
 * of writing has: bytes of text, four bits of a hexadecimal digit, six or fewer of a base64 one. So
 * no form of a value is ever written out, and memory is the values themselves and 40 bytes for each
 * and each line. Immutable.
 */
final class Values {
  static final Values NONE = new Values(List.of());

  /** What {@link #mostHeld} is at most. */
  static final int MOST_HELD = 1024 * 1024;

  /** A byte as an entity has ten, and between them may stand what is not seen. */
  private static final int STRETCHED = 16;

  private static final int SLACK = 16 * 1024;

  private final Slice[] sorted;
  private final int mostHeld;

  /** Where those begin in the list that begin with a byte: nearly every trial ends there. */
  private final int[] firsts = new int[257];

  private final Beginnings beginnings;

  private Values(List<Slice> sorted) {
    this.sorted = sorted.toArray(Slice[]::new);
    for (Slice value : sorted) {
      firsts[value.at(0) + 1]++;
    }
    for (int b = 0; b < 256; b++) {
      firsts[b + 1] += firsts[b];
    }
    this.beginnings = Beginnings.of(sorted);
    int longest = sorted.stream().mapToInt(Slice::length).max().orElse(0);
    this.mostHeld = (int) Math.min(MOST_HELD, (long) longest * STRETCHED + SLACK);
  }

  /**
   * How many bytes may be what one of these begins. More are one that is stretched with what is not
   * seen, and then all of it is masked. Looking through what was held costs the square of it, so it
   * goes by the longest value.
   */
  int mostHeld() {
    return mostHeld;
  }

  static Values of(List<Slice> all) {
    return new Values(List.copyOf(Collections.unmodifiableSortedSet(new TreeSet<>(all))));
  }

  boolean none() {
    return sorted.length == 0;
  }

  int count() {
    return sorted.length;
  }

  Beginnings beginnings() {
    return beginnings;
  }

  /** Whether the first of those from {@code low} on is over after so many bits, at a whole byte. */
  boolean ends(int low, int bits) {
    return sorted[low].length() * 8 == bits;
  }

  /**
   * The range of those in {@code [low, high)}, which agree in their first {@code bits}, whose next
   * {@code more} bits, all of one byte, are {@code wanted}.
   *
   * @return its bounds, the upper one in the upper half; 0 if there are none
   */
  long narrow(int low, int high, int bits, int more, int wanted) {
    if (bits == 0) {
      int from = firsts[wanted << (8 - more)];
      int to = firsts[(wanted + 1) << (8 - more)];
      return from < to ? range(from, to) : 0;
    }
    int index = bits >>> 3;
    int shift = 8 - (bits & 7) - more;
    int mask = (1 << more) - 1;
    int first = low;
    // At a whole byte one of them may be over: the shortest, which comes first.
    if (first < high && sorted[first].length() == index) {
      first++;
    }
    if (high == first) {
      return 0;
    }
    if (high - first == 1) {
      return ((sorted[first].at(index) >>> shift) & mask) == wanted ? range(first, high) : 0;
    }
    int from = search(first, high, index, shift, mask, wanted);
    int to = search(from, high, index, shift, mask, wanted + 1);
    return from < to ? range(from, to) : 0;
  }

  private int search(int low, int high, int index, int shift, int mask, int least) {
    int from = low;
    int to = high;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (((sorted[middle].at(index) >>> shift) & mask) < least) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private static long range(int low, int high) {
    return ((long) high << 32) | low;
  }
}
