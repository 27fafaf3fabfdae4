package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call is refused before its body has come: the connection still serves the next one. */
class RefusedCallTest {
  private static final String REFUSED = "HTTP/1.1 401";

  @TempDir Path data;

  @Test
  void aRefusedCallLeavesTheConnectionForTheNext() throws Exception {
    try (var stage = new Stage(data, Clock.systemUTC());
        var client = new Socket(InetAddress.getLoopbackAddress(), stage.port())) {
      client.setSoTimeout(500);
      var answers = new ByteArrayOutputStream();
      say(client, head("POST", "Content-Length: 2\r\n"));
      // A server that answers without the body does it now, and then drops the connection.
      hear(client, answers);
      client.setSoTimeout(10_000);
      say(client, "{}" + head("GET", "Connection: close\r\n"));
      hear(client, answers);
      assertThat(answers.toString(StandardCharsets.UTF_8).split(REFUSED, -1))
          .as(answers.toString(StandardCharsets.UTF_8))
          .hasSize(3);
    }
  }

  @Test
  void aRefusedCallThatGoesOnAndOnIsToldThatItsConnectionEnds() throws Exception {
    try (var stage = new Stage(data, Clock.systemUTC());
        var client = new Socket(InetAddress.getLoopbackAddress(), stage.port())) {
      client.setSoTimeout(10_000);
      var answers = new ByteArrayOutputStream();
      say(client, head("POST", "Content-Length: 100000\r\n") + "x".repeat(64 * 1024));
      hear(client, answers);
      assertThat(answers.toString(StandardCharsets.UTF_8))
          .startsWith(REFUSED)
          .containsIgnoringCase("Connection: close");
    }
  }

  @Test
  void aRefusedCallThatDripsIsNotWaitedForLong() throws Exception {
    try (var stage = new Stage(data, Clock.systemUTC());
        var client = new Socket(InetAddress.getLoopbackAddress(), stage.port())) {
      client.setSoTimeout(250);
      say(client, head("POST", "Content-Length: 100000\r\n"));
      var answers = new ByteArrayOutputStream();
      // Never silent for as long as the server waits for one byte.
      for (int drop = 0; drop < 100 && answers.size() == 0; drop++) {
        say(client, "x");
        hear(client, answers);
      }
      assertThat(answers.toString(StandardCharsets.UTF_8))
          .startsWith(REFUSED)
          .containsIgnoringCase("Connection: close");
    }
  }

  private static String head(String method, String more) {
    return method + " /api/v1/tokens HTTP/1.1\r\nHost: here\r\n" + more + "\r\n";
  }

  private static void say(Socket client, String words) throws IOException {
    client.getOutputStream().write(words.getBytes(StandardCharsets.UTF_8));
    client.getOutputStream().flush();
  }

  /** Until the other side ends, or says nothing for as long as the socket waits. */
  private static void hear(Socket client, ByteArrayOutputStream into) throws IOException {
    try {
      for (int read = client.getInputStream().read();
          read >= 0;
          read = client.getInputStream().read()) {
        into.write(read);
      }
    } catch (SocketTimeoutException silence) {
      into.flush();
    }
  }
}
