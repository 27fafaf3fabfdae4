package dev.holdfast.agent.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListeningTest {
  private static final long SELF = ProcessHandle.current().pid();

  @Test
  void whoListensIsSeen_andNobodyAfterwards() throws Exception {
    int port;
    try (var everywhere = new ServerSocket(0);
        var local = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = everywhere.getLocalPort();
      assertThat(Listening.at(SELF, port)).isTrue();
      assertThat(Listening.at(SELF, local.getLocalPort())).isTrue();
    }
    assertThat(Listening.at(SELF, port)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "00000000:1538, 0A, true",
    "0100007F:1538, 0A, true",
    "00000000000000000000000000000000:1538, 0A, true",
    "0000000000000000FFFF00000100007F:1538, 0A, true",
    "00000000:1538, 01, false",
    "00000000:1539, 0A, false",
    "0202000A:1538, 0A, false",
    "00000000000000000000000001000000:1538, 0A, false"
  })
  void onlyWhatLocalhostReaches_counts(String local, String state, boolean accepts) {
    String line = "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:0";
    assertThat(Listening.accepts(List.of("  sl  local_address", line), 0x1538)).isEqualTo(accepts);
  }

  @Test
  void oneFileOfAnArchive_isReadAndNothingElse() throws Exception {
    byte[] archive = new byte[1024];
    archive[156] = '0';
    put(archive, 124, "00000000005\0");
    put(archive, 512, "hello");
    assertThat(OneFile.of(new ByteArrayInputStream(archive))).asString().isEqualTo("hello");
    refused(Arrays.copyOf(archive, 514), "ends early");
    refused(new byte[3], "no plain file");
    put(archive, 124, "77777777777\0");
    refused(archive, "its size");
    archive[156] = '2';
    refused(archive, "no plain file");
  }

  private static void refused(byte[] archive, String why) {
    Assertions.assertThatThrownBy(() -> OneFile.of(new ByteArrayInputStream(archive)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  private static void put(byte[] archive, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, archive, at, bytes.length);
  }
}
