package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/** An echo request, by the kernel's unprivileged ping sockets, or by a raw one. */
final class Ping {
  private static final int DATAGRAM = 2;
  private static final int RAW = 3;

  /** Of an echo request that is all zeros but for its type, over IPv4. */
  private static final short CHECKSUM = (short) 0xF7FF;

  /** A raw socket also hears what is not the answer. */
  private static final int MOST_HEARD = 8;

  private static final ValueLayout.OfShort BIG_ENDIAN =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Ping() {}

  /** What came of it: something was received, or the error. */
  static Answer send(InetAddress address, int patience) {
    boolean six = address instanceof Inet6Address;
    Answer socket = Kernel.call(Call.SOCKET, six ? 10 : 2, DATAGRAM, six ? 58 : 1);
    boolean raw = socket.is(Kernel.EACCES);
    if (raw) {
      socket = Kernel.call(Call.SOCKET, six ? 10 : 2, RAW, six ? 58 : 1);
    }
    if (!socket.ok()) {
      return socket;
    }
    MemorySegment timeout = Kernel.memory(16);
    timeout.set(ValueLayout.JAVA_LONG, 0, patience / 1000);
    timeout.set(ValueLayout.JAVA_LONG, 8, patience % 1000 * 1000L);
    Kernel.call(Call.SETSOCKOPT, socket.value(), 1, 20, timeout.address(), 16);
    MemorySegment to = Addresses.of(address, 0);
    Answer connected = Kernel.call(Call.CONNECT, socket.value(), to.address(), to.byteSize());
    if (!connected.ok()) {
      return connected;
    }
    MemorySegment echo = Kernel.memory(16);
    echo.set(ValueLayout.JAVA_BYTE, 0, (byte) (six ? 128 : 8));
    if (raw && !six) {
      echo.set(BIG_ENDIAN, 2, CHECKSUM);
    }
    Answer sent = Kernel.call(Call.SENDTO, socket.value(), echo.address(), 16, 0, 0, 0);
    if (!sent.ok()) {
      return sent;
    }
    MemorySegment heard = Kernel.memory(128);
    Answer read = Kernel.call(Call.READ, socket.value(), heard.address(), 128);
    for (int i = 0; raw && read.ok() && !isReply(heard, six) && i < MOST_HEARD; i++) {
      read = Kernel.call(Call.READ, socket.value(), heard.address(), 128);
    }
    return read;
  }

  /** A raw socket gives IPv4 with its header, IPv6 without. */
  private static boolean isReply(MemorySegment heard, boolean six) {
    int header = six ? 0 : (heard.get(ValueLayout.JAVA_BYTE, 0) & 0xF) * 4;
    return heard.get(ValueLayout.JAVA_BYTE, header) == (six ? (byte) 129 : 0);
  }
}
