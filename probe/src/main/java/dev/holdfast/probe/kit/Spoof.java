package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A packet that says it comes from somebody else. */
final class Spoof {
  private static final int RAW = 3;
  private static final int IPPROTO_RAW = 255;

  private Spoof() {}

  /**
   * FROM TO PORT WORD: a UDP packet over IPv4. Whether it arrived is for the receiver to say; this
   * says only whether it could be sent.
   */
  static void send(List<String> given) throws IOException {
    InetAddress from = InetAddress.ofLiteral(given.getFirst());
    InetAddress to = InetAddress.ofLiteral(given.get(1));
    byte[] packet =
        packet(
            from,
            to,
            Integer.parseInt(given.get(2)),
            given.get(3).getBytes(StandardCharsets.US_ASCII));
    Answer socket = Kernel.call(Call.SOCKET, 2, RAW, IPPROTO_RAW);
    if (!socket.ok()) {
      Say.stopped("a raw socket: " + socket.words());
      return;
    }
    MemorySegment bytes = Kernel.memory(packet.length);
    MemorySegment.copy(packet, 0, bytes, ValueLayout.JAVA_BYTE, 0, packet.length);
    MemorySegment address = Addresses.of(to, 0);
    Answer sent =
        Kernel.call(
            Call.SENDTO,
            socket.value(),
            bytes.address(),
            packet.length,
            0,
            address.address(),
            address.byteSize());
    if (sent.ok()) {
      System.out.println("sent as " + given.getFirst());
    } else {
      Say.stopped("sending as " + given.getFirst() + ": " + sent.words());
    }
  }

  /** The kernel fills in the header's checksum; UDP over IPv4 may go without one. */
  private static byte[] packet(InetAddress from, InetAddress to, int port, byte[] word) {
    int length = 20 + 8 + word.length;
    var out = ByteBuffer.allocate(length);
    out.put((byte) 0x45).put((byte) 0).putShort((short) length).putShort((short) 1);
    out.putShort((short) 0).put((byte) 64).put((byte) 17).putShort((short) 0);
    out.put(from.getAddress()).put(to.getAddress());
    out.putShort((short) 40_000).putShort((short) port).putShort((short) (8 + word.length));
    out.putShort((short) 0).put(word);
    return out.array();
  }
}
