package dev.holdfast.probe.kit;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Packets to one address, with patience for the answer. */
final class Net {
  private static final int PATIENCE = 1500;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;

  private Net() {}

  /** ADDRESS PORT. */
  static void tcp(List<String> to) {
    try (var socket = new Socket()) {
      socket.connect(address(to), PATIENCE);
      Say.through("connected to " + to);
    } catch (IOException e) {
      Say.stopped(to + ": " + e.getMessage());
    }
  }

  /** ADDRESS PORT of IPv4, asked of a socket of IPv6, which knows them as well. */
  static void mapped(List<String> to) throws IOException {
    byte[] six = new byte[16];
    six[10] = (byte) 0xff;
    six[11] = (byte) 0xff;
    System.arraycopy(InetAddress.ofLiteral(to.getFirst()).getAddress(), 0, six, 12, 4);
    var address =
        Addresses.of(Inet6Address.getByAddress(null, six, -1), Integer.parseInt(to.get(1)));
    long socket = Kernel.call(Call.SOCKET, AF_INET6, SOCK_STREAM, 0).value();
    MemorySegment patience = Kernel.memory(16);
    // struct timeval: seconds and microseconds
    patience.set(ValueLayout.JAVA_LONG, 0, PATIENCE / 1000);
    patience.set(ValueLayout.JAVA_LONG, 8, PATIENCE % 1000 * 1000L);
    Kernel.call(Call.SETSOCKOPT, socket, SOL_SOCKET, SO_SNDTIMEO, patience.address(), 16);
    Say.succeeded(
        "connecting to ::ffff:" + to.getFirst(),
        Kernel.call(Call.CONNECT, socket, address.address(), address.byteSize()));
  }

  /** ADDRESS PORT, where somebody answers what is sent; of a group, whoever it is. */
  static void udp(List<String> to) {
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE);
      byte[] word = "probe".getBytes(StandardCharsets.US_ASCII);
      InetSocketAddress address = address(to);
      if (!address.getAddress().isMulticastAddress()) {
        // What is refused is told only to who is connected.
        socket.connect(address);
      }
      socket.send(new DatagramPacket(word, word.length, address));
      var answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      Say.through("an answer from " + to);
    } catch (IOException | java.io.UncheckedIOException e) {
      Say.stopped(to + ": " + e.getMessage());
    }
  }

  /** ADDRESS, by an unprivileged ping where the kernel has them, else by a raw socket. */
  static void ping(List<String> to) throws IOException {
    Say.answered(Ping.send(InetAddress.ofLiteral(to.getFirst()), PATIENCE), to.getFirst());
  }

  /** SERVER PORT NAME TYPE: a query, and whether any address or text came back. */
  static void dns(List<String> to) {
    byte[] query = query(to.get(2), Integer.parseInt(to.get(3)));
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE);
      socket.connect(address(to));
      socket.send(new DatagramPacket(query, query.length));
      var packet = new DatagramPacket(new byte[4096], 4096);
      socket.receive(packet);
      ByteBuffer answer = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      int code = answer.getShort(2) & 0xf;
      int answers = answer.getShort(6);
      if (code == 0 && answers > 0) {
        Say.through(answers + " answers for " + to.get(2) + " from " + to.getFirst());
      } else {
        Say.stopped(to.get(2) + ": answer code " + code + ", " + answers + " answers");
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      Say.stopped(to.get(2) + " from " + to.getFirst() + ": " + e.getMessage());
    }
  }

  private static byte[] query(String name, int type) {
    var out = ByteBuffer.allocate(512);
    out.putShort((short) 4711).putShort((short) 0x0100).putShort((short) 1);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : List.of(name.split("\\.", -1))) {
      if (!label.isEmpty()) {
        out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
      }
    }
    out.put((byte) 0).putShort((short) type).putShort((short) 1);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private static InetSocketAddress address(List<String> to) {
    return new InetSocketAddress(InetAddress.ofLiteral(to.getFirst()), Integer.parseInt(to.get(1)));
  }
}
