package dev.holdfast.agent.channel;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.SecretValues;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Map;

/**
 * The connection to one runner. One thread reads; any number may send. A runner that does not read
 * makes {@code send} wait: whoever needs an end of it closes the link, which ends both directions.
 */
public final class RunnerLink implements Closeable {
  private static final int BUFFER = 128 * 1024;

  private final SocketChannel socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  RunnerLink(SocketChannel socket) {
    this.socket = socket;
    in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(socket), BUFFER));
    out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(socket), 8192));
  }

  /**
   * The next frame.
   *
   * @throws java.io.EOFException if the runner is gone
   * @throws dev.holdfast.model.wire.channel.BrokenChannel if what came is no frame
   */
  public Frame read() throws IOException {
    return Frame.read(in);
  }

  public void send(ToRunner message) throws IOException {
    write(FrameKind.CONTROL, Records.utf8(ToRunner.class, message));
  }

  public void sendClasses(byte[] zip) throws IOException {
    write(FrameKind.CLASSES, zip);
  }

  /** Hands over values for the step that the next message lets start; they stay as they are. */
  public void sendSecrets(Map<String, byte[]> values) throws IOException {
    byte[] payload = SecretValues.payload(values);
    try {
      write(FrameKind.SECRETS, payload);
    } finally {
      Arrays.fill(payload, (byte) 0);
    }
  }

  private void write(FrameKind kind, byte[] payload) throws IOException {
    synchronized (out) {
      new Frame(kind, payload).write(out);
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
