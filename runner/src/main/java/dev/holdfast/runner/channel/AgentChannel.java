package dev.holdfast.runner.channel;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.runner.secret.StepSecrets;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * The duplex channel to the agent. One thread reads; any number may write, one frame at a time.
 *
 * <p>A thread that may be interrupted must not write: an interrupt in the middle of a write closes
 * a {@link SocketChannel} for everybody.
 */
public final class AgentChannel implements AutoCloseable {
  private final SocketChannel socket;
  private final SocketInput source;
  private final DataInputStream in;
  private final SocketOutput sink;
  private final DataOutputStream out;

  public AgentChannel(SocketChannel socket) {
    this.socket = socket;
    source = new SocketInput(socket);
    in = new DataInputStream(source);
    sink = new SocketOutput(socket, FrameKind.LOG.most() + 64);
    out = new DataOutputStream(sink);
  }

  /** Connects to the agent's socket, which is in the sandbox's file system. */
  public static AgentChannel connect(Path socket) throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new AgentChannel(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** What comes from the agent. */
  public sealed interface Incoming {
    /** Any frame but one with secrets. */
    record Whole(Frame frame) implements Incoming {}

    /** For the step that the next message lets start. */
    record Secrets(StepSecrets secrets) implements Incoming {}
  }

  /**
   * What comes next from the agent.
   *
   * @throws IOException if the channel ended or is broken
   */
  public Incoming next() throws IOException {
    Frame.Head head = Frame.head(in);
    if (head.kind() == FrameKind.SECRETS) {
      ByteBuffer payload = ByteBuffer.allocateDirect(head.length());
      source.read(payload);
      return new Incoming.Secrets(StepSecrets.in(payload.flip()));
    }
    byte[] payload = new byte[head.length()];
    in.readFully(payload);
    return new Incoming.Whole(new Frame(head.kind(), payload));
  }

  /**
   * The next frame from the agent, which has no secrets to give yet.
   *
   * @throws IOException if the channel ended or is broken
   */
  public Frame read() throws IOException {
    return switch (next()) {
      case Incoming.Whole(Frame frame) -> frame;
      case Incoming.Secrets secrets ->
          throw new BrokenChannel("the agent sent secrets before it sent a job");
    };
  }

  /** Says {@code message}; it has left this process when this returns. */
  public void send(FromRunner message) throws IOException {
    byte[] json =
        message instanceof FromRunner.Hello(int version)
            ? hello(version)
            : Records.utf8(FromRunner.class, message);
    write(FrameKind.CONTROL, json, json.length);
  }

  /** Sends {@code length} bytes of a step's output, at most what a LOG frame may hold. */
  public void log(byte[] bytes, int length) throws IOException {
    write(FrameKind.LOG, bytes, length);
  }

  /** Sends compiled classes for the agent to keep. */
  public void classes(byte[] zip) throws IOException {
    write(FrameKind.CLASSES, zip, zip.length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void write(FrameKind kind, byte[] bytes, int length) throws IOException {
    synchronized (out) {
      Frame.write(out, kind, bytes, 0, length);
      sink.flush();
    }
  }

  /** Written by hand: the mapping of records is loaded while the agent prepares its answer. */
  private static byte[] hello(int version) {
    return ("{\"type\":\"hello\",\"version\":" + version + "}")
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
