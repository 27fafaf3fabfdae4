package dev.holdfast.agent.mask;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Takes values out of a stream of bytes, wherever it is cut. What goes in comes out with every
 * occurrence replaced by {@link Masker#MASK}; occurrences that overlap are one, so that no end of
 * one is left.
 *
 * <p>Most of the stream is only looked over ({@link Beginnings}). Where a value may begin, a {@link
 * Trial} decides. If it runs out of bytes, everything from there on is held until more come; what
 * is before it goes out. So what is held begins like a value, in some way of writing. {@link
 * #settle} lets it go, or masks it, when nothing more comes for a while or a step is over; the
 * trial goes on, and if it comes to a value after all, what is new of it is masked.
 *
 * <p>Without values everything passes as it is, uncopied. One thread at a time.
 */
public final class MaskedLog {
  private static final byte[] MASK =
      Masker.MASK.getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /**
   * Bits of a value that are let go when the stream rests: no more than two bytes of it. From three
   * on they are masked.
   */
  private static final int HARMLESS = 16;

  /** The same at the end of a text that stands for itself. */
  private static final int HARMLESS_IN_TEXT = 63;

  /** Buffers that grew beyond this are given back. */
  private static final int MOST_HELD = Values.MOST_HELD;

  private final Supplier<Values> source;
  private Values values = Values.NONE;
  private Trial trial = new Trial(Values.NONE);
  private Trial probe = trial;
  private boolean trying;

  /** What is held: from where the trial began. */
  private byte[] held = {};

  private int heldLength;

  /** Whether the text that is looked at is what is held, and not a piece that came in. */
  private boolean inHeld;

  // Places in the text that is looked at: what is before `done` is out or masked; `starred` is
  // where
  // the last mask ends.
  private int done;
  private int starred = -1;

  private byte[] out = {};
  private int outLength;

  MaskedLog(Supplier<Values> source) {
    this.source = source;
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes given away
   * @return what goes out; may be {@code bytes} itself, may be empty
   */
  public byte[] write(byte[] bytes) {
    renew();
    if (values.none()) {
      return bytes;
    }
    inHeld = heldLength > 0;
    if (!inHeld) {
      done = 0;
      starred = -1;
      int at = look(bytes, 0, bytes.length);
      if (outLength == 0 && done == bytes.length && at == bytes.length && starred < 0) {
        return bytes;
      }
      hold(bytes, at, bytes.length);
    } else {
      held = room(held, heldLength, bytes.length);
      System.arraycopy(bytes, 0, held, heldLength, bytes.length);
      int length = heldLength + bytes.length;
      hold(held, look(held, 0, length), length);
    }
    return taken();
  }

  /**
   * Lets go what is held, because nothing more comes for now: up to two bytes of a value as they
   * are, more of one masked. If the rest of it comes later, that is masked.
   *
   * @return what goes out; may be empty
   */
  public byte[] settle() {
    renew();
    if (values.none() || heldLength == 0) {
      return taken();
    }
    inHeld = true;
    rest(held, heldLength, HARMLESS);
    return taken();
  }

  /** Bytes that went in and are not out. */
  public int held() {
    return heldLength - Math.min(heldLength, done);
  }

  /** A whole text that stands for itself, if something of it is masked. */
  Optional<byte[]> all(byte[] text) {
    renew();
    inHeld = false;
    done = 0;
    starred = -1;
    rest(text, text.length, HARMLESS_IN_TEXT);
    return starred < 0 ? Optional.empty() : Optional.of(taken());
  }

  /** Values that came in since are looked for in what is held, too. */
  private void renew() {
    Values now = source.get();
    if (now != values) {
      values = now;
      trial = new Trial(now);
      probe = new Trial(now);
      trying = false;
    }
  }

  /**
   * Looks from {@code from} on.
   *
   * @return from where on it is not decided
   */
  private int look(byte[] text, int from, int end) {
    int at = from;
    while (true) {
      if (trying) {
        trial.goOn(text, end, false);
      } else {
        at = values.beginnings().next(text, at, end);
        if (at >= end) {
          pass(text, end, end);
          return end;
        }
        trial.begin(text, at, end, false);
      }
      mask(text, at, trial.found());
      trying = trial.undecided();
      if (trying && end - at > values.mostHeld()) {
        mask(text, at, end);
        trying = false;
        return end;
      }
      if (trying) {
        pass(text, at, end);
        return at;
      }
      at++;
    }
  }

  /** Decides all that is there, as if nothing followed. */
  private void rest(byte[] text, int end, int harmless) {
    int at = values.beginnings().next(text, 0, end);
    while (at < end) {
      probe.begin(text, at, end, true);
      mask(text, at, probe.agreed() > harmless ? end : probe.found());
      at = values.beginnings().next(text, at + 1, end);
    }
    pass(text, end, end);
  }

  /** Masks {@code [from, to)}, less what is out already. */
  private void mask(byte[] text, int from, int to) {
    if (to <= done) {
      return;
    }
    pass(text, from, to);
    // What continues the last mask belongs to it.
    if (starred != done || from >= starred) {
      append(MASK, 0, MASK.length);
    }
    done = to;
    starred = to;
  }

  /** Puts out what comes before {@code to}, less what is out already. */
  private void pass(byte[] text, int to, int end) {
    // What comes in as one piece and is not changed goes out as that piece.
    if (to > done) {
      if (!(done == 0 && to == end && outLength == 0 && !inHeld)) {
        append(text, done, to - done);
      }
      done = to;
    }
  }

  private void append(byte[] bytes, int from, int count) {
    out = room(out, outLength, count);
    System.arraycopy(bytes, from, out, outLength, count);
    outLength += count;
  }

  private byte[] taken() {
    byte[] taken = Arrays.copyOf(out, outLength);
    outLength = 0;
    if (out.length > MOST_HELD) {
      out = new byte[0];
    }
    return taken;
  }

  /** Keeps what is not decided, at the beginning of {@link #held}. */
  private void hold(byte[] text, int from, int end) {
    heldLength = end - from;
    if (heldLength == 0) {
      if (held.length > MOST_HELD) {
        held = new byte[0];
      }
      return;
    }
    if (!inHeld) {
      held = room(held, 0, heldLength);
    }
    if (from > 0 || !inHeld) {
      System.arraycopy(text, from, held, 0, heldLength);
      trial.shift(from);
      done -= from;
      starred = starred < from ? -1 : starred - from;
    }
  }

  private static byte[] room(byte[] array, int length, int more) {
    return length + more <= array.length
        ? array
        : Arrays.copyOf(
            array, Math.max(length + more, Math.min(2 * array.length, array.length + MOST_HELD)));
  }
}
