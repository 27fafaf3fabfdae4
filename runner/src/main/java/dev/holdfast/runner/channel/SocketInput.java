package dev.holdfast.runner.channel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket as a stream, without the locks of {@code Channels} that writers would wait for. */
final class SocketInput extends InputStream {
  private final SocketChannel socket;

  SocketInput(SocketChannel socket) {
    this.socket = socket;
  }

  @Override
  public int read() throws IOException {
    var one = ByteBuffer.allocate(1);
    return socket.read(one) < 0 ? -1 : one.get(0) & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return length == 0 ? 0 : socket.read(ByteBuffer.wrap(bytes, offset, length));
  }
}
