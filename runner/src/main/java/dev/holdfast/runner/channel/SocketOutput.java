package dev.holdfast.runner.channel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket as a stream with one buffer outside the heap, so that a frame is one system call. */
final class SocketOutput extends OutputStream {
  private final SocketChannel socket;
  private final ByteBuffer buffer;

  SocketOutput(SocketChannel socket, int size) {
    this.socket = socket;
    buffer = ByteBuffer.allocateDirect(size);
  }

  @Override
  public void write(int b) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put((byte) b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int part = Math.min(length - done, buffer.remaining());
      buffer.put(bytes, offset + done, part);
      done += part;
    }
  }

  @Override
  public void flush() throws IOException {
    buffer.flip();
    try {
      while (buffer.hasRemaining()) {
        socket.write(buffer);
      }
    } finally {
      buffer.clear();
    }
  }
}
