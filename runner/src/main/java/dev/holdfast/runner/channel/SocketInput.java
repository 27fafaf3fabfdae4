package dev.holdfast.runner.channel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A socket as a stream, without the locks of {@code Channels} that writers would wait for. Its one
 * buffer lies outside the heap, and what was read from it is wiped at once: secrets come this way.
 */
final class SocketInput extends InputStream {
  private static final byte[] ZEROS = new byte[16 * 1024];

  private final SocketChannel socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(ZEROS.length).limit(0);

  SocketInput(SocketChannel socket) {
    this.socket = socket;
  }

  @Override
  public int read() throws IOException {
    if (ended()) {
      return -1;
    }
    int at = buffer.position();
    int b = buffer.get() & 0xff;
    buffer.put(at, (byte) 0);
    return b;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (ended()) {
      return -1;
    }
    int at = buffer.position();
    int part = Math.min(length, buffer.remaining());
    buffer.get(bytes, offset, part);
    buffer.put(at, ZEROS, 0, part);
    return part;
  }

  /** Fills {@code target} from what comes next, without a way over the heap. */
  void read(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (ended()) {
        throw new EOFException("the channel ended inside a frame");
      }
      int at = buffer.position();
      int part = Math.min(target.remaining(), buffer.remaining());
      target.put(target.position(), buffer, at, part);
      target.position(target.position() + part);
      buffer.position(at + part);
      buffer.put(at, ZEROS, 0, part);
    }
  }

  private boolean ended() throws IOException {
    if (buffer.hasRemaining()) {
      return false;
    }
    buffer.clear();
    int n = socket.read(buffer);
    buffer.flip();
    return n < 0;
  }
}
