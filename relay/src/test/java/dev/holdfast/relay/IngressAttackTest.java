package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.relay.http.Listening;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.ingress.Limits;
import dev.holdfast.relay.ingress.Limits.Rate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is tried at the door that everybody can reach. */
@NullMarked
class IngressAttackTest {
  private static final String CANARY = "c4n4ry-which-must-not-come-back";

  @TempDir Path folder;
  private @Nullable Relay relay;
  private final List<Socket> sockets = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  IngressAttackTest() {}

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (relay != null) {
      relay.close();
    }
  }

  private Relay start(Listening ingress, String proxies, Limits limits) throws Exception {
    relay =
        Relays.start(
            folder.resolve("relay.db").toString(),
            s ->
                Relays.with(
                    s,
                    ingress,
                    Ranges.of(proxies.isEmpty() ? List.of() : List.of(proxies)),
                    limits));
    return relay;
  }

  private Relay start() throws Exception {
    return start(Relays.anywhere(), "", Limits.DEFAULT);
  }

  private Socket connect(int port, String from) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0);
    socket.setSoTimeout(20_000);
    sockets.add(socket);
    return socket;
  }

  private Socket connect(int port) throws IOException {
    return connect(port, "127.0.0.1");
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  /** The answer to a request that is sent whole, with the connection's end. */
  private String ask(int port, String head, String body) throws IOException {
    Socket socket = connect(port);
    send(
        socket,
        head
            + "\r\nHost: relay.test\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
    return rest(socket);
  }

  private static String path(String url) {
    return URI.create(url).getPath();
  }

  private String post(int port, String url, String... headers) throws IOException {
    return ask(
        port,
        "POST "
            + path(url)
            + " HTTP/1.1"
            + (headers.length > 0 ? "\r\n" : "")
            + String.join("\r\n", headers),
        "{}");
  }

  /** Whether the relay ended the connection while a byte was sent every fifth of a second. */
  private static boolean endedWhileTrickling(Socket socket, Duration longest) {
    long end = System.nanoTime() + longest.toNanos();
    try {
      socket.setSoTimeout(200);
      while (System.nanoTime() < end) {
        send(socket, "x");
        try {
          if (socket.getInputStream().read() < 0) {
            return true;
          }
        } catch (SocketTimeoutException e) {
          // Nothing was said, as it should be: the next byte.
        }
      }
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void slowLoris() throws Exception {
    Relay relay = start(Relays.anywhere().silence(Duration.ofSeconds(2)), "", Limits.DEFAULT);
    String url = Relays.tenant(relay).source("src_1");
    var slow = new ArrayList<Socket>();
    for (int i = 0; i < 100; i++) {
      Socket socket = connect(relay.ports().ingress());
      send(socket, "POST " + path(url) + " HTTP/1.1\r\nX-A: ");
      slow.add(socket);
    }
    assertThat(post(relay.ports().ingress(), url)).as("an honest forge").contains(" 202 ");
    assertThat(endedWhileTrickling(slow.getFirst(), Duration.ofSeconds(15))).isTrue();
    for (Socket socket : slow) {
      assertThat(endedWhileTrickling(socket, Duration.ofSeconds(15))).isTrue();
    }
  }

  @Test
  void control_slowLorisIsNotEndedByJettysOwnLimits() throws Exception {
    Relay relay = start(Relays.anywhere().silence(Duration.ofMinutes(5)), "", Limits.DEFAULT);
    Socket socket = connect(relay.ports().ingress());
    send(socket, "POST /in/x HTTP/1.1\r\nX-A: ");
    // Longer than the longest silence: each byte starts it anew.
    assertThat(endedWhileTrickling(socket, Duration.ofSeconds(12))).isFalse();
  }

  @Test
  void slowBody() throws Exception {
    Relay relay = start(Relays.anywhere(), "", Limits.DEFAULT.start(Duration.ofSeconds(2)));
    String url = Relays.tenant(relay).source("src_1");
    Socket socket = connect(relay.ports().ingress());
    send(socket, "POST " + path(url) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n");
    assertThat(endedWhileTrickling(socket, Duration.ofSeconds(15))).isTrue();
    assertThat(relay.store().tenants().list().getFirst().standing().waiting()).isZero();
    Awaitility.await()
        .until(() ->
            ask(relay.ports().operator(), "GET /metrics HTTP/1.1", "")
                .contains("holdfast_relay_body_memory_bytes 0"));
  }

  @Test
  void hugeHeaders() throws Exception {
    Relay relay = start();
    String url = Relays.tenant(relay).source("src_1");
    String answer = post(relay.ports().ingress(), url, "X-A: " + (CANARY + " ").repeat(2000));
    assertThat(answer).contains(" 431 ").doesNotContain(CANARY);
    assertThat(post(relay.ports().ingress(), url, "X-A: " + "a".repeat(8000))).contains(" 202 ");
  }

  @Test
  void hugeBody() throws Exception {
    Relay relay = start(Relays.anywhere(), "", Limits.DEFAULT.body(1000));
    String url = Relays.tenant(relay).source("src_1");
    int port = relay.ports().ingress();
    Socket announced = connect(port);
    send(
        announced,
        "POST " + path(url) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n");
    assertThat(rest(announced)).contains(" 413 ");
    assertThat(ask(port, "POST " + path(url) + " HTTP/1.1", "x".repeat(1001))).contains(" 413 ");
    assertThat(ask(port, "POST " + path(url) + " HTTP/1.1", "x".repeat(1000))).contains(" 202 ");
    Socket chunked = connect(port);
    send(
        chunked,
        "POST " + path(url) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertThat(rest(chunked)).contains(" 411 ");
  }

  @Test
  void aFloodOfOneSourceLeavesOthersAlone() throws Exception {
    Relay relay = start(Relays.anywhere(), "", Limits.DEFAULT.perSource(new Rate(0.01, 10)));
    String flooded = Relays.tenant(relay).source("src_1");
    String quiet = Relays.tenant(relay).source("src_1");
    for (int i = 0; i < 10; i++) {
      assertThat(post(relay.ports().ingress(), flooded)).contains(" 202 ");
    }
    for (int i = 0; i < 10; i++) {
      assertThat(post(relay.ports().ingress(), flooded)).contains(" 429 ").contains("Retry-After");
    }
    assertThat(post(relay.ports().ingress(), quiet)).contains(" 202 ");
  }

  @Test
  void guessingAddresses() throws Exception {
    Relay relay = start(Relays.anywhere(), "", Limits.DEFAULT.perAddress(new Rate(1, 100)));
    String url = Relays.tenant(relay).source("src_1");
    var statuses = new ArrayList<String>();
    for (int i = 0; i < 12; i++) {
      statuses.add(
          post(relay.ports().ingress(), "http://a/in/" + Tenant.secret("")).substring(9, 12));
    }
    assertThat(statuses).startsWith("404", "404", "404").endsWith("429", "429");
    assertThat(statuses.stream().filter("404"::equals).count()).isLessThan(8);
    // From elsewhere the relay can be reached all the same.
    Socket elsewhere = connect(relay.ports().ingress(), "127.0.0.2");
    send(
        elsewhere,
        "POST "
            + path(url)
            + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    assertThat(rest(elsewhere)).contains(" 202 ");
  }

  @Test
  void moreConnectionsThanOneAddressMayHave() throws Exception {
    Relay relay =
        start(
            Relays.anywhere().connectionsOfOne(5).silence(Duration.ofSeconds(60)),
            "",
            Limits.DEFAULT);
    String url = Relays.tenant(relay).source("src_1");
    for (int i = 0; i < 30; i++) {
      var _ = connect(relay.ports().ingress());
    }
    Awaitility.await()
        .until(() ->
            ask(relay.ports().operator(), "GET /metrics HTTP/1.1", "")
                .contains("holdfast_relay_ingress_connections 5\n"));
    Socket elsewhere = connect(relay.ports().ingress(), "127.0.0.2");
    send(
        elsewhere,
        "POST "
            + path(url)
            + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    assertThat(rest(elsewhere)).contains(" 202 ");
  }

  @Test
  void whatIsSentDoesNotComeBack() throws Exception {
    Relay relay = start();
    String url = Relays.tenant(relay).source("src_1");
    int port = relay.ports().ingress();
    for (String head :
        List.of(
            "GET /" + CANARY + " HTTP/1.1",
            "GET /in/" + CANARY + "?q=" + CANARY + " HTTP/1.1",
            "POST " + path(url) + "?" + CANARY + " HTTP/1.1\r\nX-Github-Event: " + CANARY,
            CANARY.toUpperCase(java.util.Locale.ROOT) + " / HTTP/1.1",
            "GET http://" + CANARY + "/ HTTP/1.1",
            "POST /in/%00" + CANARY + " HTTP/1.1",
            "POST /../" + CANARY + "/%2e%2e HTTP/1.1",
            "GET / HTTP/9." + CANARY,
            "GET / HTTP/1.1\r\n" + CANARY,
            "GET / HTTP/1.1\r\nContent-Length: " + CANARY,
            "TRACE " + path(url) + " HTTP/1.1\r\nX-A: " + CANARY,
            "OPTIONS * HTTP/1.1\r\nOrigin: http://" + CANARY)) {
      String answer = ask(port, head, CANARY);
      assertThat(answer).as(head).startsWith("HTTP/1.1 ");
      assertThat(answer.toLowerCase(java.util.Locale.ROOT)).as(head).doesNotContain(CANARY);
      assertThat(answer)
          .as(head)
          .doesNotContainIgnoringCase("jetty")
          .doesNotContain("dev.holdfast");
    }
  }

  @Test
  void nothingIsAdministeredOverTheIngressNorPostedElsewhere() throws Exception {
    Relay relay = start();
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    String authorization = "Authorization: Bearer " + tenant.credential();
    for (String call :
        List.of(
            "POST /relay/v1/pull",
            "GET /relay/v1/sources",
            "PUT /relay/v1/sources/src_2",
            "POST /relay/v1/enrol",
            "POST /relay/v1/key",
            "DELETE /relay/v1/sources/src_1",
            "GET /metrics",
            "GET /healthz",
            "GET /readyz",
            "GET /")) {
      assertThat(ask(relay.ports().ingress(), call + " HTTP/1.1\r\n" + authorization, ""))
          .as(call)
          .contains(" 404 ");
    }
    assertThat(post(relay.ports().tenants(), url)).contains(" 401 ");
    assertThat(post(relay.ports().operator(), url)).contains(" 405 ");
    assertThat(ask(relay.ports().tenants(), "GET /metrics HTTP/1.1\r\n" + authorization, ""))
        .contains(" 404 ");
  }

  @Test
  void anAddressThatMayNotPostSaysThatItIsAnother() throws Exception {
    Relay relay = start();
    String url = Relays.tenant(relay).source("src_1", "192.0.2.0/24");
    int port = relay.ports().ingress();
    assertThat(post(port, url)).contains(" 403 ");
    assertThat(post(port, url, "X-Forwarded-For: 192.0.2.7")).contains(" 403 ");
    String open = Relays.tenant(relay).source("src_1", "192.0.2.0/24", "127.0.0.0/8");
    assertThat(post(port, open)).contains(" 202 ");
  }

  @Test
  void behindATrustedProxyOnlyWhatTheProxyWroteCounts() throws Exception {
    Relay relay = start(Relays.anywhere(), "127.0.0.0/8", Limits.DEFAULT);
    String url = Relays.tenant(relay).source("src_1", "192.0.2.0/24");
    int port = relay.ports().ingress();
    assertThat(post(port, url, "X-Forwarded-For: 192.0.2.7")).contains(" 202 ");
    assertThat(post(port, url, "X-Forwarded-For: 192.0.2.7, 198.51.100.1")).contains(" 403 ");
    assertThat(post(port, url, "X-Forwarded-For: 198.51.100.1, 192.0.2.7, 127.0.0.9"))
        .contains(" 202 ");
    assertThat(post(port, url, "X-Forwarded-For: 192.0.2.7, localhost")).contains(" 403 ");
    assertThat(post(port, url)).contains(" 403 ");
  }

  @Test
  void aHeaderThatComesTwiceIsNotPassedOn() throws Exception {
    Relay relay = start();
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    assertThat(
            post(
                relay.ports().ingress(),
                url,
                "X-Hub-Signature-256: sha256=a",
                "X-Hub-Signature-256: sha256=b",
                "X-Github-Event: push"))
        .contains(" 202 ");
    assertThat(tenant.open(tenant.pull("p", 1, Duration.ZERO, List.of())).getFirst().headers())
        .containsOnlyKeys("x-github-event");
  }

  @Test
  void aPostThatEndsEarlyIsNothing() throws Exception {
    Relay relay = start();
    Tenant tenant = Relays.tenant(relay);
    String url = tenant.source("src_1");
    Socket socket = connect(relay.ports().ingress());
    send(socket, "POST " + path(url) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    socket.close();
    Awaitility.await()
        .until(() ->
            ask(relay.ports().operator(), "GET /metrics HTTP/1.1", "")
                .contains("holdfast_relay_body_memory_bytes 0"));
    assertThat(tenant.pull("p", 1, Duration.ZERO, List.of()).head().standing().waiting()).isZero();
  }
}
