package dev.holdfast.agent.sandbox.microvm.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The old frame of LZ4, in which kernels are packed: a mark, then blocks of up to 8 MiB, none of
 * which needs another.
 */
final class Lz4 {
  static final int LEGACY = 0x184c2102;
  private static final int BLOCK = 8 * 1024 * 1024;

  private final ByteBuffer in;
  private final byte[] out = new byte[BLOCK];
  private int length;

  private Lz4(ByteBuffer in) {
    this.in = in;
  }

  /**
   * @param packed little-endian, from the mark on; what is behind the last block is passed over
   * @param most bytes
   */
  static void legacy(ByteBuffer packed, OutputStream to, long most) throws IOException {
    var unpacking = new Lz4(packed);
    packed.position(4);
    long all = 0;
    while (packed.remaining() > 4) {
      int size = packed.getInt();
      // A kernel's own length stands at the end, where a block would.
      if (size <= 0 || size > packed.remaining()) {
        break;
      }
      unpacking.block(packed.position() + size);
      all += unpacking.length;
      if (all > most) {
        throw new IOException("it is larger than " + most + " bytes");
      }
      to.write(unpacking.out, 0, unpacking.length);
    }
  }

  private void block(int end) throws IOException {
    length = 0;
    while (in.position() < end) {
      int token = next(end);
      int literals = more(token >>> 4, end);
      if (literals > end - in.position() || literals > BLOCK - length) {
        throw new IOException("a block of it is damaged");
      }
      in.get(out, length, literals);
      length += literals;
      if (in.position() == end) {
        return;
      }
      int back = next(end) | next(end) << 8;
      int match = more(token & 15, end) + 4;
      if (back == 0 || back > length || match > BLOCK - length) {
        throw new IOException("a block of it is damaged");
      }
      // Byte by byte: what is copied may be what this copy writes.
      for (int i = 0; i < match; i++, length++) {
        out[length] = out[length - back];
      }
    }
  }

  private int more(int first, int end) throws IOException {
    int value = first;
    if (first == 15) {
      int part;
      do {
        part = next(end);
        value += part;
      } while (part == 255 && value < BLOCK);
    }
    return value;
  }

  private int next(int end) throws IOException {
    if (in.position() >= end) {
      throw new IOException("a block of it is cut short");
    }
    return Byte.toUnsignedInt(in.get());
  }
}
