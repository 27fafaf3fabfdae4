package dev.holdfast.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.agent.transfer.Shelf.ShelfFailed;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.KeepApi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that come and go over connections that break, from a server that may lie. */
@Timeout(60)
class RemoteShelfTest {
  @TempDir Path folder;
  private HttpServer server;
  private OrchestratorClient client;
  private RemoteShelf shelf;
  private final byte[] bytes = new byte[10_000_000];
  private final List<String> asked = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    new Random(1).nextBytes(bytes);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    client =
        new OrchestratorClient(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "token");
    shelf = new RemoteShelf(client, "att_1", 7, Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private static Digest digest(byte[] of) {
    return new Digest("sha256:" + HexFormat.of().formatHex(Sha256.of(of)));
  }

  private KeepApi.Item item() {
    return new KeepApi.Item(digest(bytes), bytes.length, "maven", true, "");
  }

  private static int offset(HttpExchange call) {
    return Integer.parseInt(call.getRequestURI().getQuery().replaceAll(".*offset=", ""));
  }

  /** Serves, and ends each answer after so many bytes. */
  private void serve(byte[] what, int piece) {
    server.createContext(
        "/agent/v1/attempts/att_1/kept/blobs/",
        call -> {
          asked.add(call.getRequestURI().toString());
          int at = offset(call);
          call.sendResponseHeaders(200, what.length - at);
          try (OutputStream out = call.getResponseBody()) {
            out.write(what, at, Math.min(piece, what.length - at));
          } catch (IOException e) {
            // Ended before all that was announced: this is what the test is about.
            assertThat(piece).isLessThan(what.length);
          }
        });
  }

  @Test
  void aConnectionThatBreaks_isGoneOnWith() throws Exception {
    serve(bytes, 4_000_000);
    Path to = folder.resolve("kept");
    shelf.fetch(item(), to);
    assertThat(Files.readAllBytes(to)).isEqualTo(bytes);
    assertThat(asked).hasSizeGreaterThan(1);
    assertThat(asked.getFirst()).contains("fence=7&offset=0");
    assertThat(asked.getLast()).doesNotContain("offset=0");
  }

  @Test
  void bytesThatAreNotThoseThatWereSaid_areNotHandedOver() throws Exception {
    byte[] changed = bytes.clone();
    changed[5_000_000] ^= 1;
    serve(changed, changed.length);
    assertThatThrownBy(() -> shelf.fetch(item(), folder.resolve("kept")))
        .isInstanceOf(ShelfFailed.class)
        .hasMessageContaining("what came is not what was kept");
  }

  @Test
  void aServerThatSendsMoreThanItSaid_isReadNoFurther() throws Exception {
    byte[] longer = Arrays.copyOf(bytes, bytes.length * 2);
    serve(longer, longer.length);
    Path to = folder.resolve("kept");
    shelf.fetch(item(), to);
    assertThat(to).hasSize(bytes.length);
    var huge = new KeepApi.Item(digest(bytes), Long.MAX_VALUE, "maven", true, "");
    assertThatThrownBy(() -> shelf.fetch(huge, folder.resolve("other")))
        .hasMessageContaining("larger than 2 GiB");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void whatIsSentGoesInPieces_andAgainWhereNoAnswerCame() throws Exception {
    var got = new ByteArrayOutputStream();
    var calls = new AtomicInteger();
    server.createContext(
        "/agent/v1/attempts/att_1/kept/uploads/cache-3",
        call -> {
          byte[] piece = call.getRequestBody().readAllBytes();
          if (offset(call) == got.size()) {
            got.writeBytes(piece);
          }
          if (calls.incrementAndGet() == 2) {
            call.close();
            return;
          }
          answer(call, Records.utf8(KeepApi.Taken.class, new KeepApi.Taken(got.size())));
        });
    server.createContext(
        "/agent/v1/attempts/att_1/kept/commit",
        call -> {
          KeepApi.Commit commit =
              Records.read(KeepApi.Commit.class, call.getRequestBody().readAllBytes());
          boolean same =
              commit.fence() == 7
                  && commit.digest().equals(digest(got.toByteArray()))
                  && commit.size() == got.size();
          answer(call, Records.utf8(KeepApi.Committed.class, new KeepApi.Committed(same, "")));
        });
    Path archive = Files.write(folder.resolve("archive"), bytes);
    assertThat(
            shelf.keep(
                KeepApi.Kind.CACHE, 3, List.of("none"), archive, digest(bytes), bytes.length))
        .isEqualTo(new KeepApi.Committed(true, ""));
    assertThat(calls).hasValue(4);
  }

  private static void answer(HttpExchange call, byte[] body) throws IOException {
    call.sendResponseHeaders(200, body.length);
    try (OutputStream out = call.getResponseBody()) {
      out.write(body);
    }
  }

  @Test
  void aServerThatIsAway_isGivenUpAfterAWhile() {
    server.stop(0);
    var brief = new RemoteShelf(client, "att_1", 7, Duration.ofMillis(300));
    assertThatThrownBy(() -> brief.find(KeepApi.Kind.CACHE, 0, List.of()))
        .isInstanceOf(ShelfFailed.class)
        .hasMessageContaining("no answer from");
  }
}
