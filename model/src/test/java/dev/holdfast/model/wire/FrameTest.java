package dev.holdfast.model.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FrameTest {
  @Test
  void aFrameIsReadAsItWasWritten() throws IOException {
    var bytes = new ByteArrayOutputStream();
    byte[] said =
        Records.utf8(FromRunner.class, new FromRunner.JobFinished(new Outcome.Failed("step x", 3)));
    new Frame(FrameKind.CONTROL, said).write(new DataOutputStream(bytes));
    Frame read = Frame.read(in(bytes.toByteArray()));
    assertThat(read.kind()).isEqualTo(FrameKind.CONTROL);
    assertThat(new String(read.payload(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"type\":\"job-finished\",\"outcome\":{\"type\":\"failed\",\"reason\":\"step"
                + " x\",\"exit-code\":3}}");
    assertThat(Records.read(FromRunner.class, read.payload()))
        .isEqualTo(new FromRunner.JobFinished(new Outcome.Failed("step x", 3)));
  }

  @Test
  void lengthsAreBoundedBeforeMemoryIsTaken() {
    assertThatThrownBy(() -> Frame.read(in(new byte[] {0x7f, -1, -1, -1, 1})))
        .isInstanceOf(BrokenChannel.class)
        .hasMessageContaining("says it has 2147483647 bytes");
    assertThatThrownBy(() -> Frame.read(in(new byte[] {-1, -1, -1, -1, 2})))
        .isInstanceOf(BrokenChannel.class);
    assertThatThrownBy(() -> Frame.read(in(new byte[] {0, 0, 0, 0, 9})))
        .isInstanceOf(BrokenChannel.class)
        .hasMessageContaining("unknown kind 9");
    assertThatThrownBy(() -> Frame.read(in(new byte[] {0, 0, 0, 5, 1, 'x'})))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void aMessageOfUnknownTypeIsRefused() {
    assertThatThrownBy(() -> Records.read(FromRunner.class, "{\"type\":\"reboot\"}"))
        .isInstanceOf(MalformedJson.class)
        .hasMessageStartingWith(
            "type: is \"reboot\"; expected one of hello, step-waits, step-started");
    assertThatThrownBy(() -> Records.read(FromRunner.class, "[]"))
        .isInstanceOf(MalformedJson.class);
    assertThatThrownBy(() -> Records.read(FromRunner.class, "[".repeat(100_000)))
        .isInstanceOf(MalformedJson.class);
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
