package dev.holdfast.agent.egress.dns;

import dev.holdfast.agent.egress.rule.Ip;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs' resolver: listens at addresses of this host that only jobs reach, and knows who asks by
 * the source address, which the filter has proven. Whoever is not known is not answered.
 */
public final class Resolver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int MOST_ON_ONE_CONNECTION = 8;

  private record Known(Asker asker, Pace pace) {}

  private final Answers answers;
  private final Map<Ip, Known> askers = new ConcurrentHashMap<>();
  private final List<AutoCloseable> sockets = new ArrayList<>();
  private volatile boolean closed;

  private Resolver(Upstream upstream) {
    answers = new Answers(upstream::ask);
  }

  /**
   * Listens at {@code addresses}.
   *
   * @throws BindException if another program listens there
   */
  public static Resolver listen(List<InetSocketAddress> addresses, Upstream upstream)
      throws IOException {
    var resolver = new Resolver(upstream);
    try {
      for (InetSocketAddress address : addresses) {
        var udp = new DatagramSocket(address);
        resolver.sockets.add(udp);
        var tcp = new ServerSocket();
        resolver.sockets.add(tcp);
        tcp.bind(address, 128);
        Thread.ofPlatform().daemon().name("egress-dns-udp").start(() -> resolver.serve(udp));
        Thread.ofPlatform().daemon().name("egress-dns-tcp").start(() -> resolver.serve(tcp));
      }
      return resolver;
    } catch (IOException e) {
      resolver.close();
      throw e;
    }
  }

  /** From now on {@code asker} is who asks from {@code address}. */
  public void know(Ip address, Asker asker, Ip... more) {
    var known = new Known(asker, new Pace());
    askers.put(address, known);
    for (Ip other : more) {
      askers.put(other, known);
    }
  }

  public void forget(Ip address) {
    askers.remove(address);
  }

  private void serve(DatagramSocket socket) {
    byte[] buffer = new byte[Query.LONGEST + 1];
    while (!closed) {
      try {
        var packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        Known known = askers.get(Ip.of(packet.getAddress()));
        if (known != null && known.pace.enter()) {
          byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
          var from = (InetSocketAddress) packet.getSocketAddress();
          Thread.startVirtualThread(() -> answer(socket, known, question, from));
        }
      } catch (SocketException e) {
        if (!closed) {
          LOG.warn("the jobs' resolver could not read: {}", e.getMessage());
        }
      } catch (IOException e) {
        LOG.warn("the jobs' resolver could not read: {}", e.getMessage());
      }
    }
  }

  private void answer(DatagramSocket socket, Known known, byte[] question, InetSocketAddress from) {
    try {
      Query query = Query.parse(question, question.length);
      byte[] reply = answers.answer(known.asker, query).write(query, query.size());
      socket.send(new DatagramPacket(reply, reply.length, from));
    } catch (BadMessage e) {
      // What is no question gets no answer.
      LOG.debug("a job sent its resolver what {}", e.getMessage());
    } catch (IOException e) {
      // The job is gone, or its link is.
      LOG.debug("a job could not be answered: {}", e.getMessage());
    } finally {
      known.pace.leave();
    }
  }

  private void serve(ServerSocket socket) {
    while (!closed) {
      try {
        Socket connection = socket.accept();
        Known known = askers.get(Ip.of(connection.getInetAddress()));
        if (known != null && known.pace.enter()) {
          Thread.startVirtualThread(() -> answer(connection, known));
        } else {
          connection.close();
        }
      } catch (IOException e) {
        if (!closed) {
          LOG.warn("the jobs' resolver could not accept: {}", e.getMessage());
        }
      }
    }
  }

  private void answer(Socket connection, Known known) {
    try (connection) {
      connection.setSoTimeout(PATIENCE_MILLIS);
      var in = new DataInputStream(connection.getInputStream());
      for (int i = 0; i < MOST_ON_ONE_CONNECTION; i++) {
        byte[] question = new byte[Math.min(in.readUnsignedShort(), Query.LONGEST + 1)];
        in.readFully(question);
        Query query = Query.parse(question, question.length);
        byte[] reply = answers.answer(known.asker, query).write(query, 65_535);
        byte[] framed = new byte[reply.length + 2];
        framed[0] = (byte) (reply.length >>> 8);
        framed[1] = (byte) reply.length;
        System.arraycopy(reply, 0, framed, 2, reply.length);
        connection.getOutputStream().write(framed);
      }
    } catch (BadMessage | IOException e) {
      // It hung up, was silent for too long, or asked nothing: the connection ends either way.
      LOG.debug("a job's connection to its resolver ended: {}", e.getMessage());
    } finally {
      known.pace.leave();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (AutoCloseable socket : sockets) {
      try {
        socket.close();
      } catch (Exception e) {
        LOG.warn("the jobs' resolver could not close: {}", e.getMessage());
      }
    }
  }
}
