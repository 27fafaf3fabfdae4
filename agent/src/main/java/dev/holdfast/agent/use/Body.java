package dev.holdfast.agent.use;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The bytes of a message's body, whatever way they are written in; as strict as {@link Head}. */
final class Body {
  private static final int MOST_TRAILERS = 8 * 1024;
  private static final byte[] END = "0\r\n\r\n".getBytes(US_ASCII);

  private final InputStream in;
  private final Head.Length length;
  private long left;
  private boolean over;

  Body(InputStream in, Head.Length length) {
    this.in = in;
    this.length = length;
    this.left = length instanceof Head.Length.Bytes(long count) ? count : 0;
  }

  /**
   * The next bytes of it.
   *
   * @return how many; -1 at its end
   * @throws BadMessage if it is cut off, or not of its form
   */
  int read(byte[] to) throws IOException {
    if (over) {
      return -1;
    }
    int count =
        switch (length) {
          case Head.Length.Open() -> in.read(to);
          case Head.Length.Bytes(long _) -> left == 0 ? -1 : some(to);
          case Head.Length.Chunked() -> chunked(to);
        };
    over = count < 0;
    return count;
  }

  private int some(byte[] to) throws IOException {
    int count = in.read(to, 0, (int) Math.min(to.length, left));
    if (count < 0) {
      throw new BadMessage("its body is cut off");
    }
    left -= count;
    return count;
  }

  private int chunked(byte[] to) throws IOException {
    if (left == 0) {
      left = chunk();
      if (left == 0) {
        // Nothing of them goes on.
        Head.skipTrailers(in, MOST_TRAILERS);
        return -1;
      }
    }
    int count = some(to);
    if (left == 0 && (in.read() != '\r' || in.read() != '\n')) {
      throw new BadMessage("a chunk of its body ends otherwise than by CR LF");
    }
    return count;
  }

  /** The size of the next chunk; what may stand behind it is refused, since nobody needs it. */
  private long chunk() throws IOException {
    long size = 0;
    for (int digits = 0; ; digits++) {
      int one = in.read();
      int digit = Character.digit(one, 16);
      if (one == '\r' && digits > 0 && in.read() == '\n') {
        return size;
      }
      if (digit < 0 || one > 'f' || digits == 8) {
        throw new BadMessage("a chunk of its body has no size");
      }
      size = size * 16 + digit;
    }
  }

  /** Writes a chunk; none for no bytes, which would be the end. */
  static void chunk(OutputStream out, byte[] bytes, int count) throws IOException {
    if (count > 0) {
      out.write((Integer.toHexString(count) + "\r\n").getBytes(US_ASCII));
      out.write(bytes, 0, count);
      out.write('\r');
      out.write('\n');
    }
  }

  /** Writes the end of a body in chunks. */
  static void end(OutputStream out) throws IOException {
    out.write(END);
  }
}
