package dev.holdfast.probe.kit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * In the place of the runner: greets, hears its job of two steps, and says what no runner would. It
 * speaks the channel by hand, so that nothing keeps it from saying it.
 */
final class HostileRunner {
  private static final int CONTROL = 1;
  private static final int LOG = 2;
  private static final int CLASSES = 3;
  private static final String SUCCESS =
      "{\"type\":\"job-finished\",\"outcome\":{\"type\":\"succeeded\"}}";

  private final DataInputStream in;
  private final DataOutputStream out;

  private HostileRunner(SocketChannel channel) {
    in = new DataInputStream(Channels.newInputStream(channel));
    out = new DataOutputStream(Channels.newOutputStream(channel));
  }

  static void speak(String what, String socket) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      var address = UnixDomainSocketAddress.of(Path.of(socket));
      channel.connect(address);
      var runner = new HostileRunner(channel);
      if (what.equals("silence")) {
        runner.hold();
      } else if (what.equals("other-version")) {
        runner.say("{\"type\":\"hello\",\"version\":99}");
        runner.lie();
      } else {
        runner.say("{\"type\":\"hello\",\"version\":1}");
        runner.hear();
        if (what.equals("second-connection")) {
          runner.another(address);
        } else {
          runner.speak(what);
        }
      }
      runner.hold();
    }
  }

  private void speak(String what) throws IOException {
    switch (what) {
      case "success-before-the-steps" -> {
        step(0);
        say(SUCCESS);
      }
      case "success-after-a-failure" -> {
        started(0);
        say(
            "{\"type\":\"step-finished\",\"step\":0,\"result\":{\"type\":\"failed\","
                + "\"exit-code\":1,\"reason\":\"no\"}}");
        step(1);
        say(SUCCESS);
      }
      case "steps-out-of-turn" -> {
        step(1);
        step(0);
        say(SUCCESS);
      }
      case "negative-step" -> step(-1);
      case "step-that-is-not" -> {
        step(0);
        step(1);
        step(2);
      }
      case "second-end" -> {
        step(0);
        step(1);
        finish("failed", "really");
        say(SUCCESS);
      }
      case "second-greeting" -> {
        say("{\"type\":\"hello\",\"version\":1}");
        lie();
      }
      case "log-before-a-step" -> frame(LOG, new byte[100]);
      case "poisoned-classes" -> frame(CLASSES, new byte[1000]);
      case "huge-frame" -> header(Integer.MAX_VALUE, CONTROL);
      case "negative-frame" -> header(-1, LOG);
      case "unknown-kind" -> {
        header(1, 9);
        out.writeByte(0);
        lie();
      }
      case "truncated-frame" -> {
        started(0);
        header(100_000, LOG);
        out.write(new byte[10]);
      }
      case "endless-log" -> {
        started(0);
        repeat(LOG, new byte[128 * 1024]);
      }
      case "empty-log" -> {
        started(0);
        repeat(LOG, new byte[0]);
      }
      case "endless-outputs" -> {
        started(0);
        repeat(CONTROL, bytes("{\"type\":\"output\",\"name\":\"x\",\"value\":\"\"}"));
      }
      case "endless-summaries" -> {
        started(0);
        repeat(
            CONTROL, bytes("{\"type\":\"summary\",\"markdown\":\"" + "x".repeat(200_000) + "\"}"));
      }
      case "long-output" -> {
        started(0);
        say("{\"type\":\"output\",\"name\":\"big\",\"value\":\"" + "x".repeat(70_000) + "\"}");
        finish(0);
        step(1);
        say(SUCCESS);
      }
      case "output-outside" -> {
        started(0);
        say("{\"type\":\"output\",\"name\":\"../../../../etc/passwd\",\"value\":\"x\"}");
        finish(0);
        step(1);
        say(SUCCESS);
      }
      case "wide-json" -> {
        started(0);
        say("{\"type\":\"summary\",\"markdown\":[" + "0,".repeat(2_000_000) + "0]}");
      }
      case "deep-json" -> {
        started(0);
        say("[".repeat(4_000_000));
      }
      case "long-number" -> say("{\"type\":\"hello\",\"version\":" + "9".repeat(4_000_000) + "}");
      case "control-characters" -> {
        step(0);
        step(1);
        finish("failed", "\\u001b[2J\\nall \\u202e fine");
      }
      case "asks-for-another-try" -> {
        step(0);
        finish("broken", "try me again, and again");
      }
      default -> throw new IllegalArgumentException(what);
    }
  }

  /** What an agent that goes on listening would take for a good end. */
  private void lie() throws IOException {
    step(0);
    step(1);
    say(SUCCESS);
  }

  private void another(UnixDomainSocketAddress address) throws IOException {
    try (var second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      second.connect(address);
      lie();
    } catch (IOException e) {
      finish("failed", "nobody listens any more");
    }
  }

  private void step(int step) throws IOException {
    started(step);
    finish(step);
  }

  private void started(int step) throws IOException {
    say("{\"type\":\"step-started\",\"step\":" + step + "}");
  }

  private void finish(int step) throws IOException {
    say("{\"type\":\"step-finished\",\"step\":" + step + ",\"result\":{\"type\":\"succeeded\"}}");
  }

  private void finish(String how, String reason) throws IOException {
    String code = how.equals("failed") ? ",\"exit-code\":1" : "";
    say(
        "{\"type\":\"job-finished\",\"outcome\":{\"type\":\""
            + how
            + "\",\"reason\":\""
            + reason
            + "\""
            + code
            + "}}");
  }

  /** Until the agent hangs up. */
  private void repeat(int kind, byte[] payload) throws IOException {
    while (true) {
      frame(kind, payload);
    }
  }

  private void say(String json) throws IOException {
    frame(CONTROL, bytes(json));
  }

  private void frame(int kind, byte[] payload) throws IOException {
    header(payload.length, kind);
    out.write(payload);
  }

  private void header(int length, int kind) throws IOException {
    out.writeInt(length);
    out.writeByte(kind);
  }

  private void hear() throws IOException {
    int length = in.readInt();
    in.readByte();
    in.skipNBytes(length);
  }

  /** Says nothing more until the agent hangs up. */
  private void hold() throws IOException {
    while (in.read() >= 0) {
      Thread.onSpinWait();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
