package dev.holdfast.orchestrator.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Logs by lines. Where lines begin is found by reading a log once, and kept in memory for those
 * that were looked at last: one mark for many lines, so that a million lines take some kilobytes. A
 * line ends with a newline, or with the log as it is now. Thread-safe.
 */
public final class LogLines {
  /** As much of a line as is ever read; its rest is passed over. */
  public static final int MOST_OF_A_LINE = 16 * 1024;

  private static final int MARK_LINES = 1024;
  private static final int MARK_BYTES = 64 * 1024;
  private static final int PIECE = 256 * 1024;

  /** As much as one read gives, however few lines that is. */
  private static final int MOST_OF_A_WINDOW = 2 * 1024 * 1024;

  private static final int MOST_INDEXED = 200;

  private final LogStore logs;
  private final Map<String, Index> indexes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Index> eldest) {
          return size() > MOST_INDEXED;
        }
      };

  public LogLines(LogStore logs) {
    this.logs = logs;
  }

  /**
   * A line.
   *
   * @param number from 1
   * @param offset of its first byte in the log
   * @param bytes without the newline, at most {@link #MOST_OF_A_LINE}
   * @param length of the whole line
   * @param whole whether its newline was there
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Line(long number, long offset, byte[] bytes, long length, boolean whole) {}

  /**
   * Lines that hold what was searched for.
   *
   * @param next the line to go on with where there is more to look through
   */
  public record Found(List<Line> lines, OptionalLong next) {}

  /** How many lines there are. */
  public long count(String attempt) throws IOException {
    return index(attempt).count();
  }

  /** The number of the line that holds the byte at {@code offset}; the last one beyond the end. */
  public long at(String attempt, long offset) throws IOException {
    Index index = index(attempt);
    Mark mark = index.byOffset(offset);
    var counting = new Counting(offset - mark.offset());
    pieces(attempt, mark.offset(), counting);
    return Math.max(1, Math.min(mark.number() + counting.newlines, index.count()));
  }

  /** At most {@code most} lines from the {@code from}-th on; fewer where they are long. */
  public List<Line> read(String attempt, long from, int most) throws IOException {
    Index index = index(attempt);
    if (from > index.count() || from < 1) {
      return List.of();
    }
    Mark mark = index.byNumber(from);
    var lines = new ArrayList<Line>();
    var reading =
        new Splitting(mark) {
          private int bytes;

          @Override
          boolean line(Line line) {
            if (line.number() < from) {
              return false;
            }
            lines.add(line);
            bytes += line.bytes().length;
            return lines.size() >= most || bytes >= MOST_OF_A_WINDOW;
          }
        };
    pieces(attempt, mark.offset(), reading);
    reading.end();
    return lines;
  }

  /**
   * Looks for {@code text}, whatever colours stand within it and whether its letters of ASCII are
   * capital or not.
   *
   * @param from the line to begin with
   * @param until the line before which to stop
   * @param most hits
   * @param budget bytes to look through
   */
  public Found search(String attempt, String text, long from, long until, int most, long budget)
      throws IOException {
    Index index = index(attempt);
    byte[] wanted = lower(text.getBytes(StandardCharsets.UTF_8));
    if (wanted.length == 0 || from > index.count()) {
      return new Found(List.of(), OptionalLong.empty());
    }
    Mark mark = index.byNumber(Math.max(1, from));
    var found = new ArrayList<Line>();
    var searching =
        new Splitting(mark) {
          private long next;

          @Override
          boolean line(Line line) {
            if (line.number() < from) {
              return false;
            }
            if (line.number() >= until) {
              return true;
            }
            if (contains(lower(Escapes.without(line.bytes())), wanted)) {
              found.add(line);
            }
            if (found.size() >= most || line.offset() - mark.offset() >= budget) {
              next = line.number() + 1;
              return true;
            }
            return false;
          }
        };
    pieces(attempt, mark.offset(), searching);
    searching.end();
    return new Found(
        found, searching.next == 0 ? OptionalLong.empty() : OptionalLong.of(searching.next));
  }

  private static byte[] lower(byte[] bytes) {
    byte[] out = bytes.clone();
    for (int i = 0; i < out.length; i++) {
      if (out[i] >= 'A' && out[i] <= 'Z') {
        out[i] = (byte) (out[i] - 'A' + 'a');
      }
    }
    return out;
  }

  private static boolean contains(byte[] in, byte[] wanted) {
    for (int i = 0; i <= in.length - wanted.length; i++) {
      if (in[i] == wanted[0] && Arrays.equals(in, i, i + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  /** Gives the log from {@code offset} on to {@code sink}, until it has enough. */
  private void pieces(String attempt, long offset, Sink sink) throws IOException {
    long end = logs.length(attempt);
    for (long at = offset; at < end && !sink.enough; at += PIECE) {
      logs.read(attempt, at, Math.min(PIECE, end - at), sink);
    }
  }

  private Index index(String attempt) throws IOException {
    Index index;
    synchronized (indexes) {
      index = indexes.computeIfAbsent(attempt, _ -> new Index());
    }
    index.extend(this, attempt);
    return index;
  }

  /** The beginning of a line. */
  private record Mark(long number, long offset) {}

  /** Takes the bytes of a log, in order. */
  private abstract static class Sink extends OutputStream {
    boolean enough;

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int from, int length);
  }

  /** Counts the newlines of so many bytes. */
  private static final class Counting extends Sink {
    private long left;
    private long newlines;

    Counting(long bytes) {
      this.left = bytes;
      this.enough = bytes <= 0;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      int take = (int) Math.min(left, length);
      for (int i = from; i < from + take; i++) {
        if (bytes[i] == '\n') {
          newlines++;
        }
      }
      left -= take;
      enough = left <= 0;
    }
  }

  /** Makes lines of bytes. */
  private abstract static class Splitting extends Sink {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long number;
    private long offset;
    private long length;

    Splitting(Mark from) {
      this.number = from.number();
      this.offset = from.offset();
    }

    /** Takes a line; answers whether that is enough. */
    abstract boolean line(Line line);

    @Override
    public void write(byte[] bytes, int from, int count) {
      int at = from;
      int end = from + count;
      while (at < end && !enough) {
        int newline = at;
        while (newline < end && bytes[newline] != '\n') {
          newline++;
        }
        int room = MOST_OF_A_LINE - line.size();
        line.write(bytes, at, Math.min(newline - at, room));
        length += newline - at;
        if (newline < end) {
          emit(true);
          newline++;
        }
        at = newline;
      }
    }

    /** There is no more. */
    void end() {
      if (!enough && length > 0) {
        emit(false);
      }
    }

    private void emit(boolean whole) {
      enough = line(new Line(number, offset, line.toByteArray(), length, whole));
      number++;
      offset += length + 1;
      length = 0;
      line.reset();
    }
  }

  /** Marks of one log. Thread-safe. */
  private static final class Index {
    private long[] numbers = new long[16];
    private long[] offsets = new long[16];
    private int size;
    private long scanned;
    private long newlines;
    private long lastStart;

    Index() {
      numbers[0] = 1;
      offsets[0] = 0;
      size = 1;
    }

    synchronized void extend(LogLines lines, String attempt) throws IOException {
      if (lines.logs.length(attempt) > scanned) {
        lines.pieces(
            attempt,
            scanned,
            new Sink() {
              @Override
              public void write(byte[] bytes, int from, int length) {
                scan(bytes, from, length);
              }
            });
      }
    }

    private void scan(byte[] bytes, int from, int length) {
      for (int i = from; i < from + length; i++) {
        if (bytes[i] == '\n') {
          newlines++;
          lastStart = scanned + (i - from) + 1;
          if (newlines + 1 - numbers[size - 1] >= MARK_LINES
              || lastStart - offsets[size - 1] >= MARK_BYTES) {
            mark(newlines + 1, lastStart);
          }
        }
      }
      scanned += length;
    }

    private void mark(long number, long offset) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, size * 2);
        offsets = Arrays.copyOf(offsets, size * 2);
      }
      numbers[size] = number;
      offsets[size] = offset;
      size++;
    }

    synchronized long count() {
      return newlines + (scanned > lastStart ? 1 : 0);
    }

    synchronized Mark byNumber(long number) {
      return mark(Arrays.binarySearch(numbers, 0, size, number));
    }

    synchronized Mark byOffset(long offset) {
      return mark(Arrays.binarySearch(offsets, 0, size, Math.max(0, offset)));
    }

    private Mark mark(int found) {
      int at = found >= 0 ? found : -found - 2;
      return new Mark(numbers[at], offsets[at]);
    }
  }
}
