package dev.holdfast.agent.mask;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The secret values of one attempt, and the ways to take them out of what leaves the host: {@link
 * #log} for the bytes of its log, {@link #text} for all else. Which ways of writing a value are
 * known stands in {@code docs/masking.md}.
 *
 * <p>Values only ever come in. From the moment that {@link #add} returns, nothing that comes out of
 * here holds one of them, whatever was held back until then included. Thread-safe.
 */
public final class Masker {
  /** What stands where a value stood, whatever its length. */
  public static final String MASK = "***";

  /** Bytes of the shortest value that can be masked: shorter ones are everywhere. */
  public static final int SHORTEST = 4;

  /** Bytes of the longest value. */
  public static final int LONGEST = 64 * 1024;

  /** Values of one attempt. */
  public static final int MOST = 2000;

  /** Bytes of the shortest line of a value that is masked where it stands alone. */
  static final int SHORTEST_LINE = 8;

  /** Lines of all values together. */
  static final int MOST_LINES = 1 << 20;

  /** With which {@code model.json.Quote} and the channel's messages end what they cut. */
  private static final char CUT = '…';

  private final Set<Bytes> added = new HashSet<>();
  private volatile Values values = Values.NONE;

  /**
   * From here on, these are masked as well.
   *
   * @param secrets are copied; those that are here already are passed over
   * @throws IllegalArgumentException if they cannot be masked: one is shorter than {@link
   *     #SHORTEST} or longer than {@link #LONGEST}, or they are too many. Then none is added, and
   *     none of them may be given to the job
   */
  public synchronized void add(Collection<byte[]> secrets) {
    Set<Bytes> all = new HashSet<>(added);
    for (byte[] secret : secrets) {
      if (secret.length < SHORTEST || secret.length > LONGEST) {
        throw new IllegalArgumentException(
            "a secret of "
                + secret.length
                + " bytes cannot be masked; expected "
                + SHORTEST
                + " to "
                + LONGEST);
      }
      all.add(new Bytes(secret.clone()));
    }
    if (all.size() > MOST) {
      throw new IllegalArgumentException(
          "more than " + MOST + " secrets in one attempt cannot be masked");
    }
    if (all.size() > added.size()) {
      values = Values.of(withLines(all));
      added.addAll(all);
    }
  }

  /** A job's log, of which there is one in an attempt. */
  public MaskedLog log() {
    return new MaskedLog(this::values);
  }

  /**
   * {@code text} with every value masked. It stands for itself: a value that two texts share is not
   * found. At its end, the beginning of a value counts as the value from 8 bytes on, since whoever
   * wrote the text may have cut it.
   */
  public String text(String text) {
    Values now = values;
    if (now.none()) {
      return text;
    }
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == CUT) {
      end--;
    }
    byte[] plain = text.substring(0, end).getBytes(StandardCharsets.UTF_8);
    String tail = text.substring(end);
    return new MaskedLog(() -> now)
        .all(plain)
        .map(masked -> new String(masked, StandardCharsets.UTF_8) + tail)
        .orElse(text);
  }

  Values values() {
    return values;
  }

  private static List<Slice> withLines(Set<Bytes> secrets) {
    var all = new ArrayList<Slice>();
    for (Bytes secret : secrets) {
      byte[] bytes = secret.bytes();
      all.add(new Slice(bytes, 0, bytes.length));
      Slice.lines(bytes, SHORTEST_LINE, all);
      if (all.size() - secrets.size() > MOST_LINES) {
        throw new IllegalArgumentException(
            "secrets of more than " + MOST_LINES + " lines in one attempt cannot be masked");
      }
    }
    return all;
  }

  /** Bytes by their content. */
  private static final class Bytes {
    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes o && java.util.Arrays.equals(bytes, o.bytes);
    }

    @Override
    public int hashCode() {
      return java.util.Arrays.hashCode(bytes);
    }
  }
}
