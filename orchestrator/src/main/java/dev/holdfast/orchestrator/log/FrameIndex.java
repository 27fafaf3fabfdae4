package dev.holdfast.orchestrator.log;

import java.util.Arrays;

/**
 * Where a log's frames stand in its file, and since when: 24 bytes a frame. Guarded by its {@link
 * LogFile}.
 */
final class FrameIndex {
  private long[] offsets = new long[16];
  private long[] positions = new long[16];
  private long[] times = new long[16];
  private int size;
  private long length;
  private long end;

  void add(Frame frame) {
    if (size == offsets.length) {
      offsets = Arrays.copyOf(offsets, size * 2);
      positions = Arrays.copyOf(positions, size * 2);
      times = Arrays.copyOf(times, size * 2);
    }
    offsets[size] = frame.offset();
    positions[size] = end;
    times[size] = frame.millis();
    size++;
    length += frame.length();
    end += Frame.HEADER + frame.compressed();
  }

  void clear() {
    size = 0;
    length = 0;
    end = 0;
  }

  /** The log's raw length. */
  long length() {
    return length;
  }

  /** Where in the file the next frame goes. */
  long end() {
    return end;
  }

  /** Where in the file the frame is that holds the raw byte at {@code offset}. */
  long position(long offset) {
    return positions[number(offset)];
  }

  /** The raw offset at which the frame starts that holds the raw byte at {@code offset}. */
  long start(long offset) {
    return offsets[number(offset)];
  }

  /** When the frame came that holds the raw byte at {@code offset}. */
  long time(long offset) {
    return times[number(offset)];
  }

  private int number(long offset) {
    int found = Arrays.binarySearch(offsets, 0, size, offset);
    return found >= 0 ? found : -found - 2;
  }
}
