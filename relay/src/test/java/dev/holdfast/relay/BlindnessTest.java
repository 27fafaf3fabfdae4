package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.seal.Sealed;
import dev.holdfast.relay.store.Allowance;
import dev.holdfast.relay.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hunt: what was posted is searched for in every byte that the relay stored or logged, and in
 * its memory once it is done. Beside each search stands one that finds.
 */
@NullMarked
class BlindnessTest {
  private static final String BODY = "CANARY-body-7d1fcb8e52";
  private static final String BRANCH = "refs/heads/CANARY-branch-0b7d34";
  private static final String HEADER = "CANARY-header-5f3e11a9c4";
  private static final String UNKNOWN_HEADER = "CANARY-other-66aa01b2f0";
  private static final String QUERY = "CANARY-query-91be77d3aa";

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @SuppressWarnings("NullAway.Init")
  BlindnessTest() {}

  private static byte[] body() {
    return ("{\"ref\":\"" + BRANCH + "\",\"secret\":\"" + BODY + "\"}" + " ".repeat(5000))
        .getBytes(UTF_8);
  }

  private int post(String url) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(url + "?" + QUERY))
                .header("X-GitHub-Delivery", HEADER)
                .header("X-Anything", UNKNOWN_HEADER)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body()))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  /** A canary in every form in which it is looked for. */
  private static Map<String, byte[]> forms(String canary) {
    var out = new LinkedHashMap<String, byte[]>();
    byte[] plain = canary.getBytes(ISO_8859_1);
    out.put("plain", plain);
    out.put("UTF-16LE", canary.getBytes(UTF_16LE));
    out.put("UTF-16BE", canary.getBytes(UTF_16BE));
    out.put("hex", HexFormat.of().formatHex(plain).getBytes(ISO_8859_1));
    for (int shift = 0; shift < 3; shift++) {
      // Base64 of it, wherever it stands in what was encoded; without the ends, which depend on it.
      String base64 =
          Base64.getEncoder().encodeToString((" ".repeat(shift) + canary).getBytes(ISO_8859_1));
      out.put("base64+" + shift, base64.substring(4, base64.length() - 4).getBytes(ISO_8859_1));
    }
    return out;
  }

  private static List<String> found(byte[] in, List<String> canaries) {
    var out = new ArrayList<String>();
    for (String canary : canaries) {
      forms(canary)
          .forEach((form, bytes) -> {
            if (holds(in, bytes)) {
              out.add(canary + " as " + form);
            }
          });
    }
    return out;
  }

  private static boolean holds(byte[] in, byte[] what) {
    next:
    for (int at = 0; at <= in.length - what.length; at++) {
      for (int i = 0; i < what.length; i++) {
        if (in[at + i] != what[i]) {
          continue next;
        }
      }
      return true;
    }
    return false;
  }

  private static List<String> foundBelow(Path folder, List<String> canaries) throws IOException {
    var out = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        found(Files.readAllBytes(file), canaries)
            .forEach(one -> out.add(folder.relativize(file) + " holds " + one));
      }
    }
    return out;
  }

  private Path heap(long pid) throws Exception {
    Path file = Files.createTempFile("holdfast-relay", ".hprof");
    Files.delete(file);
    // What nothing refers to is collected first: it is what the process still has that counts.
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.heap_dump",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(jcmd.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(file).exists();
    return file;
  }

  private List<String> foundInHeap(long pid, List<String> canaries) throws Exception {
    Path file = heap(pid);
    try {
      return found(Files.readAllBytes(file), canaries);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void nothingThatWasPostedIsStoredLoggedOrRemembered() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    hunt(data.resolve("relay.db").toString(), data);
  }

  @Test
  void norDoesPostgresqlEverSeeIt() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      // Tables and journal: all that was sent to it in a statement that writes.
      hunt(postgres.newDatabase(), postgres.files());
    }
  }

  private void hunt(String database, Path stored) throws Exception {
    Path log = folder.resolve("log");
    String token;
    try (Store store = Store.open(database, InstantSource.system(), Allowance.DEFAULT)) {
      token = store.tenants().add("acme").token();
    }
    try (RelayProcess relay = RelayProcess.start(database, folder, log)) {
      Tenant tenant = Tenant.enrolled("http://127.0.0.1:" + relay.ports().tenants(), token);
      String url =
          tenant
              .source("src_1")
              .replace("http://relay.test", "http://127.0.0.1:" + relay.ports().ingress());
      String secret = url.substring(url.lastIndexOf('/') + 1);
      List<String> canaries =
          List.of(BODY, BRANCH, HEADER, UNKNOWN_HEADER, QUERY, secret, token, tenant.credential());
      for (int i = 0; i < 20; i++) {
        assertThat(post(url.substring(0, url.length() - 1))).isEqualTo(404);
        assertThat(post(url)).isEqualTo(202);
      }
      Batch batch = tenant.pull("p", 10, Duration.ZERO, List.of());
      assertThat(new String(tenant.open(batch).getFirst().body(), UTF_8)).contains(BODY);
      tenant.pull("p", 0, Duration.ZERO, Tenant.ids(batch));

      assertThat(foundBelow(stored, canaries)).as("stored").isEmpty();
      assertThat(found(Files.readAllBytes(log), canaries)).as("logged").isEmpty();
      // Of a credential the memory may have what came with the last call: nobody posted it.
      assertThat(
              foundInHeap(
                  relay.pid(), List.of(BODY, BRANCH, HEADER, UNKNOWN_HEADER, QUERY, secret)))
          .as("in memory")
          .isEmpty();

      control_theSearchFindsWhatAPostUnderWayHolds(relay, url);
    }
  }

  private void control_theSearchFindsWhatAPostUnderWayHolds(RelayProcess relay, String url)
      throws Exception {
    byte[] body = body();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), relay.ports().ingress())) {
      socket
          .getOutputStream()
          .write(
              ("POST "
                      + URI.create(url).getPath()
                      + " HTTP/1.1\r\nHost: a\r\nX-GitHub-Delivery: "
                      + HEADER
                      + "\r\nContent-Length: "
                      + (body.length + 1)
                      + "\r\n\r\n")
                  .getBytes(ISO_8859_1));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      Awaitility.await()
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(() ->
              assertThat(foundInHeap(relay.pid(), List.of(BODY, HEADER)))
                  .contains(BODY + " as plain", HEADER + " as plain"));
    }
  }

  @Test
  void control_theSearchFindsWhatIsStoredWithoutBeingSealed() throws Exception {
    Path data = Files.createDirectory(folder.resolve("unsealed"));
    try (Store store =
        Store.open(
            data.resolve("relay.db").toString(), InstantSource.system(), Allowance.DEFAULT)) {
      unsealed(store);
      assertThat(foundBelow(data, List.of(BODY))).isNotEmpty();
    }
    try (Postgres postgres = Postgres.start();
        Store store =
            Store.open(postgres.newDatabase(), InstantSource.system(), Allowance.DEFAULT)) {
      unsealed(store);
      assertThat(foundBelow(postgres.files(), List.of(BODY))).isNotEmpty();
    }
  }

  private static void unsealed(Store store) throws Exception {
    Relays.enrol(store);
    String tenant = store.tenants().list().getFirst().id();
    store
        .sources()
        .put(
            tenant,
            "src_1",
            new dev.holdfast.model.wire.relay.RelayApi.PutSource(
                Tenant.secret(""), List.of(), Duration.ZERO));
    // Short, so that PostgreSQL does not compress it.
    byte[] plain = (BODY + " ".repeat(60)).getBytes(UTF_8);
    store
        .mailbox()
        .keep(
            new Sealing.Bound(tenant, "src_1", "dlv_1", Instant.ofEpochMilli(1)),
            new Sealed("k", plain))
        .join();
  }
}
