package dev.holdfast.orchestrator.log;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One piece of a log file: a fixed header, then that many bytes of zstd.
 *
 * <pre>
 * magic 4 | raw offset 8 | raw length 4 | compressed length 4 | time 8 | CRC32C of payload 4 | CRC32C of header 4
 * </pre>
 *
 * <p>A frame of raw length zero says that the log is finished.
 */
record Frame(long offset, int length, int compressed, long millis, int checksum) {
  static final int HEADER = 36;

  /** Large enough to compress well, small enough that a range read decompresses little. */
  static final int MOST_RAW = 256 * 1024;

  private static final int MAGIC = 0x484c4631; // HLF1
  private static final int LEVEL = 1;

  /** The frames of {@code bytes} from {@code from} on, ready to be written. */
  static ByteBuffer write(byte[] bytes, int from, long offset, long millis) throws IOException {
    int left = bytes.length - from;
    int frames = Math.ceilDiv(left, MOST_RAW);
    var out =
        ByteBuffer.allocate(Math.toIntExact(frames * (HEADER + Zstd.compressBound(MOST_RAW))));
    for (int at = from; at < bytes.length; at += MOST_RAW) {
      int raw = Math.min(MOST_RAW, bytes.length - at);
      int start = out.position();
      long size =
          Zstd.compressByteArray(
              out.array(), start + HEADER, out.capacity() - start - HEADER, bytes, at, raw, LEVEL);
      if (Zstd.isError(size)) {
        throw new IOException("zstd: " + Zstd.getErrorName(size));
      }
      header(out, start, offset + (at - from), raw, (int) size, millis);
      out.position(start + HEADER + (int) size);
    }
    return out.flip();
  }

  /** The frame that ends a log. */
  static ByteBuffer end(long offset, long millis) {
    var out = ByteBuffer.allocate(HEADER);
    header(out, 0, offset, 0, 0, millis);
    return out;
  }

  @SuppressWarnings("ByteBufferBackingArray") // both callers allocate it
  private static void header(
      ByteBuffer out, int start, long offset, int raw, int compressed, long millis) {
    out.putInt(start, MAGIC)
        .putLong(start + 4, offset)
        .putInt(start + 12, raw)
        .putInt(start + 16, compressed)
        .putLong(start + 20, millis)
        .putInt(start + 28, crc(out.array(), start + HEADER, compressed))
        .putInt(start + 32, crc(out.array(), start, HEADER - 4));
  }

  /**
   * The header at the start of {@code bytes}.
   *
   * @return null if it is none, or not the one of a frame at {@code offset}
   */
  static @org.jspecify.annotations.Nullable Frame read(byte[] bytes, long offset) {
    var in = ByteBuffer.wrap(bytes);
    boolean whole = in.getInt(0) == MAGIC && in.getInt(32) == crc(bytes, 0, HEADER - 4);
    var frame =
        new Frame(in.getLong(4), in.getInt(12), in.getInt(16), in.getLong(20), in.getInt(28));
    boolean sound =
        frame.offset == offset
            && frame.length >= 0
            && frame.length <= MOST_RAW
            && frame.compressed >= 0
            && frame.compressed <= Zstd.compressBound(MOST_RAW)
            && (frame.length == 0) == (frame.compressed == 0);
    return whole && sound ? frame : null;
  }

  /** Whether {@code bytes} is the header of some log's last frame. */
  static boolean isEnd(byte[] bytes) {
    Frame frame = read(bytes, ByteBuffer.wrap(bytes).getLong(4));
    return frame != null && frame.isEnd();
  }

  boolean isEnd() {
    return length == 0;
  }

  boolean matches(byte[] payload) {
    return crc(payload, 0, payload.length) == checksum;
  }

  /** The raw bytes of {@code payload}, which must have matched. */
  byte[] decompress(byte[] payload) throws IOException {
    try {
      byte[] raw = Zstd.decompress(payload, length);
      if (raw.length == length) {
        return raw;
      }
      throw new IOException("zstd: a frame has " + raw.length + " bytes, not " + length);
    } catch (ZstdException e) {
      throw new IOException("zstd: " + e.getMessage(), e);
    }
  }

  private static int crc(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
