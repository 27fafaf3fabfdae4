package dev.holdfast.agent.use;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a job can do at its address, byte by byte, over real sockets; the host behind it is one that
 * the test speaks for. Who comes there at all is the filter's, and tried in a lab.
 */
@Timeout(60)
class UseDoorTest {
  private static final String VALUE = "k4n4ry-0123456789abcdef";
  private static final SecretName NAME = new SecretName("API");

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final Semaphore accepted = new Semaphore(0);
  private final List<String> record = new CopyOnWriteArrayList<>();
  private final TreeSet<Integer> open = new TreeSet<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private volatile String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
  private InetAddress job = InetAddress.getLoopbackAddress();
  private ServerSocket host;
  private StepUses uses;
  private URI address = URI.create("http://nowhere");

  UseDoorTest() throws IOException {
    host = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    uses = StepUses.none();
  }

  private final class Way implements Doorway {
    @Override
    public InetAddress agent() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public InetAddress job() {
      return job;
    }

    @Override
    public void open(int port) {
      open.add(port);
    }

    @Override
    public void shut(int port) {
      open.remove(port);
    }

    @Override
    public Socket reach(String name, int port) throws IOException {
      assertThat(name + ":" + port).isEqualTo("api.example.com:443");
      return new Socket(InetAddress.getLoopbackAddress(), host.getLocalPort());
    }
  }

  @BeforeEach
  void begin() throws Exception {
    Thread.ofVirtual().start(this::speak);
    openFor(
        SecretUse.parse(
            "https://api.example.com/v1/",
            "Authorization: Bearer {}",
            List.of("GET", "HEAD", "POST"),
            List.of("X-Version")));
  }

  private void openFor(SecretUse use) throws Exception {
    uses.end();
    uses =
        StepUses.open(
            "attempt",
            Map.of(NAME, new Usable(VALUE.getBytes(ISO_8859_1), use)),
            Optional.of(new Way()),
            (name, method, at, path, status) ->
                record.add(name + " " + method + " " + at + path + " " + status),
            timer);
    address = URI.create(uses.addresses().getOrDefault(NAME, ""));
  }

  @AfterEach
  void end() throws Exception {
    uses.end();
    host.close();
    timer.shutdownNow();
  }

  /** The host: hears each request to the end of what is sent, and says what the test has it say. */
  private void speak() {
    while (true) {
      try (Socket socket = host.accept()) {
        accepted.release();
        socket.setSoTimeout(5000);
        var request = new ByteArrayOutputStream();
        while (!whole(request.toString(ISO_8859_1))) {
          int one = socket.getInputStream().read();
          if (one < 0) {
            break;
          }
          request.write(one);
        }
        heard.add(request.toString(ISO_8859_1));
        socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
      } catch (IOException e) {
        if (host.isClosed()) {
          return;
        }
      }
    }
  }

  private static boolean whole(String request) {
    int end = request.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    if (request.contains("Transfer-Encoding: chunked")) {
      return request.endsWith("\r\n0\r\n\r\n");
    }
    var length = java.util.regex.Pattern.compile("Content-Length: (\\d+)").matcher(request);
    return !length.find() || request.length() - end - 4 >= Integer.parseInt(length.group(1));
  }

  /** What the job is answered to these very bytes. */
  private String raw(String bytes) throws IOException {
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private String request(String line, String... fields) {
    var text = new StringBuilder(line).append("\r\nHost: ").append(address.getAuthority());
    for (String field : fields) {
      text.append("\r\n").append(field);
    }
    return text.append("\r\n\r\n").toString();
  }

  private String get(String rest, String... fields) throws IOException {
    return raw(request("GET " + address.getRawPath() + rest + " HTTP/1.1", fields));
  }

  private String sent() throws InterruptedException {
    return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
  }

  private void nothingReachedTheHost() {
    assertThat(heard).isEmpty();
    assertThat(record).isEmpty();
  }

  @Test
  void aRequestWithinWhatItIsForCarriesTheSecret_andIsOnRecord() throws Exception {
    assertThat(get("users?page=2", "Accept: a/b", "X-Version: 7"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\n2\r\nno\r\n0\r\n\r\n");
    assertThat(sent())
        .startsWith("GET /v1/users?page=2 HTTP/1.1\r\nHost: api.example.com\r\n")
        .contains("\r\nAuthorization: Bearer " + VALUE + "\r\n")
        .contains("\r\nAccept: a/b\r\n", "\r\nX-Version: 7\r\n");
    assertThat(record).containsExactly("API GET api.example.com/v1/users 200");
  }

  @Test
  void bodiesGoAlong_ofALengthAndInChunks() throws Exception {
    String post = "POST " + address.getRawPath() + "x HTTP/1.1";
    assertThat(raw(request(post, "Content-Length: 5") + "hello")).startsWith("HTTP/1.1 200");
    assertThat(sent()).contains("\r\nContent-Length: 5\r\n").endsWith("\r\n\r\nhello");
    assertThat(
            raw(
                request(post, "Transfer-Encoding: chunked", "Expect: 100-continue")
                    + "3\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: dropped\r\n\r\n"))
        .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200");
    assertThat(sent()).endsWith("\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  }

  @Test
  void whatTheJobBringsOfItsOwn_doesNotGoAlong() throws Exception {
    get(
        "x",
        "Authorization: Bearer mine",
        "Proxy-Authorization: Basic mine",
        "Cookie: mine",
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URL: /mine",
        "X-Forwarded-Host: mine",
        "Range: bytes=0-1",
        "Connection: keep-alive, Authorization",
        "Accept-Encoding: gzip");
    assertThat(sent())
        .doesNotContain("mine", "DELETE", "bytes=", "gzip", "keep-alive")
        .contains("\r\nAccept-Encoding: identity\r\n", "\r\nConnection: close\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../v2/x",
        "a/../../v2",
        "%2e%2e/v2",
        "..%2fv2",
        "%252e%252e%252fv2",
        "..;/v2",
        "..\\v2",
        "/x",
        "a%0d%0aX:y",
        "a%00"
      })
  void aPathThatLeadsElsewhere_reachesNothing(String rest) throws Exception {
    assertThat(get(rest)).startsWith("HTTP/1.1 403 ");
    nothingReachedTheHost();
  }

  @Test
  void anotherMethod_anotherWord_orAWholeAddress_reachesNothing() throws Exception {
    String path = address.getRawPath();
    assertThat(raw(request("DELETE " + path + "x HTTP/1.1"))).startsWith("HTTP/1.1 403 ");
    assertThat(raw(request("CONNECT api.example.com:443 HTTP/1.1"))).startsWith("HTTP/1.1 404 ");
    for (String target :
        List.of(
            "https://api.example.com/v2/",
            "http://other.example.com" + path,
            "//other.example.com" + path,
            "*",
            "/",
            "/0123456789abcdef0123456789abcdef/x",
            path.substring(0, path.length() - 2) + "/",
            path.substring(0, path.length() - 1) + "x/")) {
      assertThat(raw(request("GET " + target + " HTTP/1.1"))).as(target).startsWith("HTTP/1.1 404");
    }
    nothingReachedTheHost();
  }

  /** Each is read by some server as one request and by another as two, or as another one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5|Transfer-Encoding: chunked",
        "Content-Length: 5|Content-Length: 6",
        "Content-Length: 5|content-length: 5",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length: -1",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked|Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "Accept: a| folded",
        "Accept: a\nAuthorization: b",
        "Accept: a\rAuthorization: b",
        "Accept: a\u0000b",
        "Accept",
        ": a",
        "Host: other.example.com",
        "Accept: a|Accept: b",
        "Expect: everything"
      })
  void aRequestThatCouldBeReadInTwoWays_reachesNothing(String fields) throws Exception {
    String post = "POST " + address.getRawPath() + "x HTTP/1.1";
    assertThat(raw(request(post, fields.split("\\|", -1)) + "hello")).startsWith("HTTP/1.1 400 ");
    nothingReachedTheHost();
  }

  @Test
  void aFirstLineThatIsNone_orAnotherHost_reachesNothing() throws Exception {
    String path = address.getRawPath();
    for (String line :
        List.of(
            "GET " + path + "x HTTP/1.0",
            "GET " + path + "x",
            "GET  " + path + "x HTTP/1.1",
            "GET " + path + "x y HTTP/1.1",
            "get " + path + "x HTTP/1.1",
            "PRI * HTTP/2.0",
            "GET " + path + "x HTTP/1.1 ")) {
      assertThat(raw(request(line))).as(line).startsWith("HTTP/1.1 400 ");
    }
    assertThat(raw("GET " + path + "x HTTP/1.1\r\nHost: api.example.com\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET " + path + "x HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    nothingReachedTheHost();
  }

  @Test
  void whatIsSentBehindARequest_isNoSecondOne() throws Exception {
    String both = request("GET " + address.getRawPath() + "a HTTP/1.1");
    assertThat(raw(both + both)).containsOnlyOnce("HTTP/1.1 ");
    assertThat(sent()).startsWith("GET /v1/a ");
    assertThat(record).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n", "5\nhello"})
  void chunksThatCouldBeReadInTwoWays_endTheRequest(String body) throws Exception {
    String post = "POST " + address.getRawPath() + "x HTTP/1.1";
    assertThat(raw(request(post, "Transfer-Encoding: chunked") + body)).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aHostThatShowsWhatItWasSent_showsTheJobNothingOfIt() throws Exception {
    String basic = Base64.getEncoder().encodeToString(("x:" + VALUE).getBytes(ISO_8859_1));
    String body = "a " + VALUE + " b " + basic + " c Bearer " + VALUE + "\n" + VALUE;
    answer =
        "HTTP/1.1 200 OK\r\nX-Seen: Bearer "
            + VALUE
            + "\r\nX-"
            + VALUE
            + ": y\r\nSet-Cookie: session=1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunks(body, 3)
            + "0\r\n\r\n";
    String got = get("x");
    assertThat(got)
        .startsWith("HTTP/1.1 200")
        .contains("X-Seen: ***\r\n")
        .doesNotContain(VALUE, "Set-Cookie", "session=1");
    String text = got.substring(got.indexOf("\r\n\r\n") + 4).replaceAll("\r\n[0-9a-f]+\r\n", "");
    assertThat(text).doesNotContain(VALUE, basic.substring(8, 24));
    // The control: what is not it comes as it was.
    assertThat(text).contains("a ***", " b ", " c ");
  }

  private static String chunks(String text, int size) {
    var all = new StringBuilder();
    for (int at = 0; at < text.length(); at += size) {
      String piece = text.substring(at, Math.min(at + size, text.length()));
      all.append(Integer.toHexString(piece.length())).append("\r\n").append(piece).append("\r\n");
    }
    return all.toString();
  }

  @Test
  void packedOrOfAnotherProtocol_isNotPassedOn() throws Exception {
    for (String bad :
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "SSH-2.0-x\r\n\r\n",
            "")) {
      answer = bad;
      assertThat(get("x")).as(bad).startsWith("HTTP/1.1 502 ");
    }
    assertThat(record).hasSize(6).contains("API GET api.example.com/v1/x 0");
  }

  @Test
  void whatBreaksOff_breaksOffForTheJobAsWell() throws Exception {
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok";
    assertThat(get("x")).startsWith("HTTP/1.1 200").doesNotContain("\r\n0\r\n\r\n");
  }

  @Test
  void aRedirectWithinLeadsThroughTheSameAddress_oneToElsewhereIsNotPassedOn() throws Exception {
    for (String within :
        List.of(
            "/v1/b?c=d",
            "b?c=d",
            "https://api.example.com/v1/b?c=d",
            "//api.example.com/v1/b?c=d")) {
      answer = "HTTP/1.1 302 Found\r\nLocation: " + within + "\r\nContent-Length: 0\r\n\r\n";
      assertThat(get("a")).as(within).contains("\r\nLocation: " + address + "b?c=d\r\n");
    }
    for (String elsewhere :
        List.of(
            "https://other.example.com/v1/b",
            "http://api.example.com/v1/b",
            "https://api.example.com:8443/v1/b",
            "https://api.example.com@other.example.com/v1/b",
            "/v2/b",
            "/v1/../v2/b",
            "/v1/%2e%2e/v2",
            "//other.example.com/v1/b",
            "https://10.0.0.1/v1/",
            "javascript:x")) {
      answer = "HTTP/1.1 302 Found\r\nLocation: " + elsewhere + "\r\nContent-Length: 0\r\n\r\n";
      assertThat(get("a"))
          .as(elsewhere)
          .startsWith("HTTP/1.1 502 ")
          .doesNotContain("Location", "other.example.com");
    }
  }

  @Test
  void whoeverComesFromAnotherAddress_isNotListenedTo() throws Exception {
    assertThat(get("x")).as("the control").startsWith("HTTP/1.1 200");
    heard.clear();
    record.clear();
    job = InetAddress.ofLiteral("127.0.0.2");
    assertThatThrownBy(() -> assertThat(get("x")).isNotEmpty())
        .isInstanceOfAny(IOException.class, AssertionError.class);
    nothingReachedTheHost();
  }

  @Test
  void afterTheStep_nobodyListens_andWhatWasUnderWayIsCut() throws Exception {
    assertThat(open).containsExactly(address.getPort());
    try (Socket under = new Socket(address.getHost(), address.getPort())) {
      under.setSoTimeout(20_000);
      String post = "POST " + address.getRawPath() + "x HTTP/1.1";
      under.getOutputStream().write(request(post, "Content-Length: 5").getBytes(ISO_8859_1));
      // It is with the host, and waits for the body.
      assertThat(accepted.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
      uses.end();
      assertThat(open).isEmpty();
      assertThatThrownBy(() -> get("x")).isInstanceOf(ConnectException.class);
      assertThat(ended(under)).isTrue();
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().readAllBytes().length == 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void moreAtOnceThanThereArePlacesFor_areClosedUnheard() throws Exception {
    var idle = new ArrayList<Socket>();
    try {
      for (int i = 0; i < UseDoor.MOST_AT_ONCE; i++) {
        idle.add(new Socket(address.getHost(), address.getPort()));
      }
      assertThatThrownBy(() -> assertThat(get("x")).isNotEmpty())
          .isInstanceOfAny(IOException.class, AssertionError.class);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(10))
        .ignoreExceptions()
        .until(() -> get("x").startsWith("HTTP/1.1 200"));
  }

  @Test
  void moreRequestsThanCanBeOnRecord_areNotMade() throws Exception {
    for (int i = 0; i < Exchange.MOST_REQUESTS; i++) {
      assertThat(get("x")).startsWith("HTTP/1.1 200");
    }
    assertThat(get("x")).startsWith("HTTP/1.1 429 ");
    assertThat(record).hasSize(Exchange.MOST_REQUESTS);
  }

  @Test
  void aHeaderWithoutEnd_isCut() throws Exception {
    assertThat(get("x", "Accept: " + "a".repeat(Exchange.MOST_HEAD))).startsWith("HTTP/1.1 400 ");
    nothingReachedTheHost();
  }

  @Test
  void withoutAFilteredNetwork_thereIsNoAddress_andTheReasonHasTheMend() {
    var usable =
        new Usable(
            VALUE.getBytes(ISO_8859_1),
            SecretUse.parse(
                "https://api.example.com/", "Authorization: {}", List.of("GET"), List.of()));
    assertThatThrownBy(() ->
            StepUses.open(
                "attempt",
                Map.of(NAME, usable),
                Optional.empty(),
                (name, method, at, path, status) -> {},
                timer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("API is for use alone")
        .hasMessageContaining("give the job one");
  }

  @Test
  void noTextOfItHoldsTheValue() {
    var usable =
        new Usable(
            VALUE.getBytes(ISO_8859_1),
            SecretUse.parse(
                "https://api.example.com/", "Authorization: {}", List.of("GET"), List.of()));
    assertThat(usable.toString()).doesNotContain(VALUE);
    Usable copy = usable.copy();
    usable.close();
    assertThat(usable.value()).containsOnly(0);
    assertThat(new String(copy.value(), ISO_8859_1)).isEqualTo(VALUE);
  }
}
