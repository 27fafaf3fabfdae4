package dev.holdfast.agent.job;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.KeepFromRunner;
import dev.holdfast.model.wire.channel.KeepToRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** A runner's end of the channel, which can also send what no runner would. */
final class Wire {
  final DataInputStream in;
  final DataOutputStream out;

  Wire(SocketChannel channel) {
    in = new DataInputStream(Channels.newInputStream(channel));
    out = new DataOutputStream(Channels.newOutputStream(channel));
  }

  void say(FromRunner message) throws IOException {
    new Frame(FrameKind.CONTROL, Records.utf8(FromRunner.class, message)).write(out);
  }

  void raw(FrameKind kind, byte[] bytes) throws IOException {
    new Frame(kind, bytes).write(out);
  }

  void keep(KeepFromRunner message) throws IOException {
    raw(FrameKind.KEEP, Records.utf8(KeepFromRunner.class, message));
  }

  KeepToRunner hearKept() throws IOException {
    return Records.read(KeepToRunner.class, Frame.read(in).payload());
  }

  void log(String text) throws IOException {
    raw(FrameKind.LOG, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  ToRunner hear() throws IOException {
    return Records.read(ToRunner.class, Frame.read(in).payload());
  }

  /** Greets and hears the job. */
  ToRunner.RunJob begin() throws IOException {
    say(new FromRunner.Hello(FromRunner.VERSION));
    return (ToRunner.RunJob) hear();
  }
}
