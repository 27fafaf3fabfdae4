package dev.holdfast.agent.egress.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Ip;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A resolver on loopback, a server that may lie, and an asker. */
class ResolverTest {
  private static final Query WWW = new Query(7, "www.example.org", 1, 512, true, false);

  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> ids = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> ports = new ConcurrentLinkedQueue<>();
  private DatagramSocket server = closed();
  private DatagramSocket client = closed();
  private int port;

  private static DatagramSocket closed() {
    try {
      var socket = new DatagramSocket(null);
      socket.close();
      return socket;
    } catch (java.net.SocketException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void sockets() throws Exception {
    server = new DatagramSocket(loopback(0));
    client = new DatagramSocket(loopback(0));
    try (var probe = new DatagramSocket(loopback(0))) {
      port = probe.getLocalPort();
    }
  }

  @AfterEach
  void end() {
    server.close();
    client.close();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private final class Everything implements Asker {
    private final Decision yes = new Decision(true, "test", "test");

    @Override
    public Decision mayAsk(String name) {
      return name.startsWith("secret") ? new Decision(false, "test", "secret") : yes;
    }

    @Override
    public Decision mayFollow(String name, String target) {
      return yes;
    }

    @Override
    public Decision mayHear(String name, Ip address) {
      return address.equals(Ip.of("10.0.0.1")) ? new Decision(false, "test", "private") : yes;
    }

    @Override
    public boolean hears(String name, Collection<Ip> addresses, long seconds) {
      told.add("open " + addresses + " for " + seconds);
      return !name.startsWith("full");
    }

    @Override
    public void asked(String name, Decision decision) {
      told.add(name + " " + decision.open());
    }
  }

  /** Answers each question by {@code lines}, which see its bytes and who asked. */
  private void serve(BiFunction<byte[], InetSocketAddress, List<byte[]>> lines) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              var packet = new DatagramPacket(new byte[1500], 1500);
              server.receive(packet);
              byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
              ids.add(((bytes[0] & 255) << 8) | (bytes[1] & 255));
              ports.add(packet.getPort());
              for (byte[] line :
                  lines.apply(bytes, (InetSocketAddress) packet.getSocketAddress())) {
                server.send(new DatagramPacket(line, line.length, packet.getSocketAddress()));
              }
            }
          } catch (java.io.IOException e) {
            told.add("server ended");
          }
        });
  }

  private static byte[] answer(byte[] question, String name, String address) {
    int id = ((question[0] & 255) << 8) | (question[1] & 255);
    var asked = new Query(id, name, 1, 512, true, false);
    return new Reply(0, List.of(new Reply.Entry.Address(name, 5, Ip.of(address))))
        .write(asked, 512);
  }

  private Resolver resolver() throws Exception {
    return Resolver.listen(
        List.of(loopback(port)),
        new Upstream(List.of((InetSocketAddress) server.getLocalSocketAddress())));
  }

  private Reply ask(Query query) throws Exception {
    byte[] question = query.forward(query.id());
    client.setSoTimeout(10_000);
    client.send(new DatagramPacket(question, question.length, loopback(port)));
    var packet = new DatagramPacket(new byte[1500], 1500);
    client.receive(packet);
    return Reply.parse(packet.getData(), packet.getLength(), query, query.id()).reply();
  }

  @Test
  void aNameIsAnsweredAfterItsAddressIsOpened() throws Exception {
    serve((question, _) -> List.of(answer(question, "www.example.org", "203.0.113.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());

      Reply reply = ask(WWW);

      assertThat(reply.entries())
          .containsExactly(new Reply.Entry.Address("www.example.org", 5, Ip.of("203.0.113.1")));
      assertThat(told).containsExactly("www.example.org true", "open [203.0.113.1] for 30");
    }
  }

  @Test
  void answersOfAnotherIdOrNameAreNotTaken() throws Exception {
    serve((question, _) -> {
      byte[] otherId = answer(question, "www.example.org", "203.0.113.66");
      otherId[0]++;
      return List.of(
          otherId,
          answer(question, "www.example.com", "203.0.113.66"),
          new byte[] {1, 2, 3},
          answer(question, "www.example.org", "203.0.113.1"));
    });
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());

      assertThat(ask(WWW).entries().toString()).contains("203.0.113.1]").doesNotContain(".66");
    }
  }

  @Test
  void anAnswerFromElsewhereIsNotTaken() throws Exception {
    try (var forger = new DatagramSocket(loopback(0))) {
      serve((question, from) -> {
        byte[] forged = answer(question, "www.example.org", "203.0.113.66");
        try {
          forger.send(new DatagramPacket(forged, forged.length, from));
        } catch (java.io.IOException e) {
          throw new IllegalStateException(e);
        }
        return List.of(answer(question, "www.example.org", "203.0.113.1"));
      });
      try (var resolver = resolver()) {
        resolver.know(Ip.of("127.0.0.1"), new Everything());

        assertThat(ask(WWW).entries().toString()).doesNotContain(".66");
      }
    }
  }

  @Test
  void idsAndPortsCannotBeForeseen() throws Exception {
    serve((question, _) -> List.of(answer(question, "www.example.org", "203.0.113.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());
      for (int i = 0; i < 20; i++) {
        ask(WWW);
      }

      assertThat(ids.stream().distinct().count()).isGreaterThan(15);
      assertThat(ports.stream().distinct().count()).isGreaterThan(10);
    }
  }

  @Test
  void refusedNamesAndAddressesDoNotExist() throws Exception {
    serve((question, _) -> List.of(answer(question, "www.example.org", "10.0.0.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());

      assertThat(ask(WWW).code()).isEqualTo(Reply.NO_SUCH_NAME);
      Query secret = new Query(8, "secret.example.org", 1, 512, true, false);
      assertThat(ask(secret).code()).isEqualTo(Reply.NO_SUCH_NAME);
      assertThat(told).containsExactly("www.example.org false", "secret.example.org false");
      assertThat(ids).as("a refused name is asked of nobody").hasSize(1);
    }
  }

  @Test
  void whatCannotBeOpenedIsNotAnswered() throws Exception {
    serve((question, _) -> List.of(answer(question, "full.example.org", "203.0.113.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());

      assertThat(ask(new Query(7, "full.example.org", 1, 512, true, false)))
          .isEqualTo(Reply.of(Reply.FAILED));
    }
  }

  @Test
  void whoIsNotKnownIsNotAnswered() throws Exception {
    serve((question, _) -> List.of(answer(question, "www.example.org", "203.0.113.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());
      ask(WWW);
      resolver.forget(Ip.of("127.0.0.1"));
      byte[] question = WWW.forward(7);
      client.setSoTimeout(300);
      client.send(new DatagramPacket(question, question.length, loopback(port)));

      assertThatThrownBy(() -> client.receive(new DatagramPacket(new byte[512], 512)))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aFloodIsBounded() throws Exception {
    serve((question, _) -> List.of(answer(question, "www.example.org", "203.0.113.1")));
    try (var resolver = resolver()) {
      resolver.know(Ip.of("127.0.0.1"), new Everything());
      byte[] question = WWW.forward(7);
      for (int i = 0; i < 5_000; i++) {
        client.send(new DatagramPacket(question, question.length, loopback(port)));
      }
      client.setSoTimeout(1_000);
      int answered = 0;
      try {
        while (true) {
          client.receive(new DatagramPacket(new byte[512], 512));
          answered++;
        }
      } catch (SocketTimeoutException e) {
        told.add("quiet");
      }

      assertThat(answered).isBetween(1, 1_500);
    }
  }
}
