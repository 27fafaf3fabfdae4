package dev.holdfast.agent.sandbox.microvm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest may not say to the host, said. */
@Timeout(30)
class HostileGuestTest {
  private static final String BOOT_ID = "0e831058-64ed-42b5-8e0c-8a377e17fdd0";
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path own = Path.of("/nowhere");

  /** A line whose guest is this test. */
  private static final class Line implements GuestLine {
    private final PipedInputStream input = new PipedInputStream(1 << 20);
    private final PipedOutputStream guest;
    private final PipedInputStream heard = new PipedInputStream(1 << 20);
    private final PipedOutputStream output;

    Line() throws IOException {
      guest = new PipedOutputStream(input);
      output = new PipedOutputStream(heard);
    }

    @Override
    public InputStream input() {
      return input;
    }

    @Override
    public OutputStream output() {
      return output;
    }

    @Override
    public void close() throws IOException {
      guest.close();
      output.close();
    }

    void says(int kind, byte[] payload) throws IOException {
      says(kind, 0, payload.length, payload);
    }

    void says(int kind, int stream, int length, byte[] payload) throws IOException {
      var out = new DataOutputStream(guest);
      out.writeByte(kind);
      out.writeByte(stream);
      out.writeInt(length);
      out.write(payload);
      out.flush();
    }
  }

  private final Line line = line();

  private static Line line() {
    try {
      return new Line();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private GuestSession session() {
    return new GuestSession(line);
  }

  @AfterEach
  void close() throws IOException {
    line.close();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private GuestSession ready() throws Exception {
    GuestSession session = session();
    line.says(64, ascii(BOOT_ID));
    assertThat(session.ready("job", Instant.EPOCH.plusSeconds(1), SOON)).isEqualTo(BOOT_ID);
    return session;
  }

  private GuestSession started() throws Exception {
    GuestSession session = ready();
    session.start(List.of("/bin/true"), Map.of("A", "b"), 100, 100, own.resolve("channel.sock"));
    return session;
  }

  @Test
  void theGreeting_givesEntropyThatIsNeverTheSame() throws Exception {
    ready();
    var heard = new DataInputStream(line.heard);
    assertThat(heard.readUnsignedByte()).isEqualTo(1);
    assertThat(heard.readUnsignedByte()).isZero();
    String hello = new String(heard.readNBytes(heard.readInt()), StandardCharsets.US_ASCII);
    assertThat(hello)
        .matches(
            """
            protocol 2
            entropy [0-9a-f]{128}
            time 1000000000
            hostname job
            machine-id [0-9a-f]{32}
            boot-id [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}
            card 02(:[0-9a-f]{2}){5}
            """);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 63, 73, 200, 255})
  void aFrameOfNoKind_isTheEnd(int kind) throws Exception {
    GuestSession session = started();
    line.says(kind, ascii("x"));
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
    assertThat(session.collapsed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65_537, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aLengthBeyondTheBound_isTheEndAndTakesNoMemory(int length) throws Exception {
    GuestSession session = started();
    line.says(69, 0, length, new byte[10]);
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
  }

  @Test
  void anotherStream_isTheEnd() throws Exception {
    GuestSession session = started();
    line.says(69, 1, 1, new byte[1]);
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 65, 67, 68})
  void aWordThatMayNotComeNow_isTheEnd(int kind) throws Exception {
    GuestSession session = started();
    line.says(kind, ascii(kind == 64 ? BOOT_ID : kind == 65 ? "files" : "x"));
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
  }

  @Test
  void aGuestThatClaimsToBeKept_isTheEnd() throws Exception {
    GuestSession session = started();
    line.says(65, ascii("kept"));
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
  }

  @Test
  void outputBeforeAStart_isTheEnd() throws Exception {
    GuestSession session = ready();
    line.says(69, ascii("x"));
    assertThatThrownBy(() ->
            session.network(
                new GuestNetwork(
                    "198.18.1.1",
                    "02:00:00:00:00:01",
                    "198.18.0.1",
                    "02:00:00:00:00:02",
                    "198.18.0.1"),
                SOON))
        .isInstanceOf(GuestFailed.class)
        .hasMessageContaining("output of nothing");
  }

  @Test
  void aGuestThatSaysNothing_isGivenUp() {
    assertThatThrownBy(() -> session().ready("job", Instant.EPOCH, Duration.ofMillis(50)))
        .isInstanceOf(GuestFailed.class)
        .hasMessageContaining("did not come up within");
  }

  @Test
  void whatAGuestSaysOfItsEnd_isShownWithoutControls() throws Exception {
    GuestSession session = session();
    line.says(72, ascii("\u001b[31mno disk" + "x".repeat(5000)));
    assertThatThrownBy(() -> session.ready("job", Instant.EPOCH.plusSeconds(1), SOON))
        .isInstanceOf(GuestFailed.class)
        .hasMessageContaining("the guest gives up: [31mno disk")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000).doesNotContain("\u001b"));
  }

  @Test
  void theChannel_isOneConnectionToWhoWaitsAndNoMore() throws Exception {
    GuestSession session;
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(own.resolve("channel.sock")));
      session = started();
      line.says(66, new byte[0]);
      line.says(67, ascii("hello"));
      try (var runner = server.accept()) {
        ByteBuffer five = ByteBuffer.allocate(5);
        while (five.hasRemaining()) {
          runner.read(five);
        }
        assertThat(new String(five.array(), StandardCharsets.US_ASCII)).isEqualTo("hello");
        line.says(66, new byte[0]);
        assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
        assertThat(runner.read(five.clear())).as("it is over").isEqualTo(-1);
      }
    }
  }

  @Test
  void aChannelThatNobodyWaitsFor_isTheEnd() throws Exception {
    GuestSession session = started();
    line.says(66, new byte[0]);
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(137);
  }

  @Test
  void anEnd_isTakenAsItIs() throws Exception {
    GuestSession session = started();
    line.says(69, ascii("words"));
    line.says(70, new byte[0]);
    line.says(71, ascii("3"));
    assertThat(session.exited().get(5, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(session.diagnostics()).isEqualTo("words");
    assertThat(session.outOfMemory()).isTrue();
    line.close();
    assertThat(session.collapsed()).isFalse();
  }

  @Test
  void rubbish_isTheEndAndNeverACrash() throws Exception {
    var random = new Random(42);
    for (int i = 0; i < 300; i++) {
      var one = new Line();
      var session = new GuestSession(one);
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      one.guest.write(bytes);
      one.guest.close();
      assertThatThrownBy(() -> session.ready("job", Instant.EPOCH.plusSeconds(1), SOON))
          .isInstanceOf(GuestFailed.class);
    }
  }
}
