package dev.holdfast.agent.egress.dns;

import dev.holdfast.agent.egress.rule.Ip;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The servers that this host asks. Each question has a socket and so a port of its own, connected,
 * so that the kernel takes an answer from the server alone, and an id that cannot be foreseen.
 */
public final class Upstream {
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final int TRIES = 2;
  private static final int PATIENCE_MILLIS = 2_000;
  private static final int LONGEST = 65_535;

  private final List<InetSocketAddress> servers;
  private final SecureRandom random = new SecureRandom();

  /** Asks {@code servers} in this order. */
  public Upstream(List<InetSocketAddress> servers) {
    this.servers = List.copyOf(servers);
  }

  /** The servers that the host's own programs ask. */
  public static List<InetSocketAddress> ofHost() throws IOException {
    var servers = new ArrayList<InetSocketAddress>();
    for (String line : Files.readAllLines(RESOLV_CONF)) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver")) {
        Ip.parse(words[1]).ifPresent(ip -> servers.add(new InetSocketAddress(ip.inet(), 53)));
      }
    }
    return List.copyOf(servers);
  }

  /** What the first server says that answers; {@link Reply#FAILED} if none does. */
  Reply ask(Query query) {
    for (int i = 0; i < TRIES; i++) {
      for (InetSocketAddress server : servers) {
        Optional<Reply> reply = ask(query, server);
        if (reply.isPresent() && reply.get().code() != Reply.FAILED) {
          return reply.get();
        }
      }
    }
    return Reply.of(Reply.FAILED);
  }

  private Optional<Reply> ask(Query query, InetSocketAddress server) {
    try {
      Optional<Reply.Heard> heard = overUdp(query, server);
      if (heard.isPresent() && heard.get().cut()) {
        heard = overTcp(query, server);
      }
      return heard.map(Reply.Heard::reply);
    } catch (IOException | BadMessage e) {
      // Unreachable or broken: the next server is asked, and in the end the job is told of failure.
      return Optional.empty();
    }
  }

  private Optional<Reply.Heard> overUdp(Query query, InetSocketAddress server) throws IOException {
    int id = random.nextInt(65536);
    byte[] question = query.forward(id);
    byte[] buffer = new byte[LONGEST];
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    try (var socket = new DatagramSocket()) {
      socket.connect(server);
      socket.send(new DatagramPacket(question, question.length));
      while (true) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return Optional.empty();
        }
        socket.setSoTimeout((int) left);
        var packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        Optional<Reply.Heard> heard = read(buffer, packet.getLength(), query, id);
        if (heard.isPresent()) {
          return heard;
        }
      }
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  private static Optional<Reply.Heard> read(byte[] bytes, int length, Query query, int id) {
    try {
      return Optional.of(Reply.parse(bytes, length, query, id));
    } catch (BadMessage e) {
      // Perhaps forged: the true answer can still come.
      return Optional.empty();
    }
  }

  private Optional<Reply.Heard> overTcp(Query query, InetSocketAddress server)
      throws IOException, BadMessage {
    int id = random.nextInt(65536);
    byte[] question = query.forward(id);
    try (var socket = new Socket()) {
      socket.connect(server, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      var framed = new byte[question.length + 2];
      framed[0] = (byte) (question.length >>> 8);
      framed[1] = (byte) question.length;
      System.arraycopy(question, 0, framed, 2, question.length);
      socket.getOutputStream().write(framed);
      var in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return Optional.of(Reply.parse(answer, answer.length, query, id));
    }
  }
}
