package dev.holdfast.bench.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private static final byte[] NOTHING = {};

  private final CopyOnWriteArrayList<Integer> ports = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private Address address;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/echo",
        exchange -> {
          ports.add(exchange.getRemoteAddress().getPort());
          byte[] body = exchange.getRequestBody().readAllBytes();
          byte[] said =
              (exchange.getRequestMethod()
                      + " "
                      + exchange.getRequestHeaders().getFirst("Authorization")
                      + " "
                      + new String(body, StandardCharsets.UTF_8))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(201, said.length);
          exchange.getResponseBody().write(said);
          exchange.close();
        });
    server.createContext(
        "/pieces",
        exchange -> {
          ports.add(exchange.getRemoteAddress().getPort());
          // A length of 0 is sent in chunks.
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 1000; i++) {
            exchange
                .getResponseBody()
                .write(("piece " + i + "\n").getBytes(StandardCharsets.UTF_8));
            if (i % 100 == 0) {
              exchange.getResponseBody().flush();
            }
          }
          exchange.close();
        });
    server.start();
    address = Address.of("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void callsOfAllKindsGoOverOneConnection() throws IOException {
    try (Connection connection = Connection.open(address, "secret")) {
      for (int i = 0; i < 3; i++) {
        Answer answer = connection.post("/echo", "hello".getBytes(StandardCharsets.UTF_8));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body()).asString().isEqualTo("POST Bearer secret hello");
        String pieces = new String(connection.get("/pieces").body(), StandardCharsets.UTF_8);
        assertThat(pieces).startsWith("piece 0\n").endsWith("piece 999\n").hasLineCount(1000);
      }
    }
    assertThat(ports.stream().distinct()).hasSize(1);
  }

  @Test
  void aRefusalIsAnErrorThatSaysWhatWasAsked() throws IOException {
    try (Connection connection = Connection.open(address, "")) {
      Answer answer = connection.get("/nowhere");
      assertThatIOException()
          .isThrownBy(() -> answer.orThrow("GET /nowhere"))
          .withMessageStartingWith("GET /nowhere is answered with status 404");
    }
  }

  @Test
  void anAnswerThatIsNotReadToItsEndKeepsTheNextCallAway() throws IOException {
    try (Connection connection = Connection.open(address, "")) {
      Connection.Body body = connection.stream("GET", "/pieces", NOTHING);
      assertThat(body.read()).isEqualTo('p');
      org.assertj.core.api.Assertions.assertThatIllegalStateException()
          .isThrownBy(() -> connection.get("/echo"));
      body.close();
      assertThatIOException().isThrownBy(body::readAllBytes);
    }
  }

  @Test
  void anAnswerThatBreaksOffIsAnError() throws IOException {
    try (var broken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (var socket = broken.accept()) {
              socket
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                          .getBytes(StandardCharsets.US_ASCII));
              socket.shutdownOutput();
              socket.getInputStream().readAllBytes();
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      try (Connection connection =
          Connection.open(Address.of("http://127.0.0.1:" + broken.getLocalPort()), "")) {
        assertThatIOException()
            .isThrownBy(() -> connection.get("/"))
            .isInstanceOf(EOFException.class);
      }
    }
  }

  @Test
  void addressesAreOfThreeKinds() {
    assertThat(Address.of("unix:///run/engine.sock").socket()).hasToString("/run/engine.sock");
    assertThat(Address.of("tcp://127.0.0.1:2375").host()).isEqualTo("127.0.0.1:2375");
    assertThatIllegalArgumentException().isThrownBy(() -> Address.of("ssh://engine"));
  }
}
