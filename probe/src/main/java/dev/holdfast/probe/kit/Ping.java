package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;

/** An echo request, by the kernel's unprivileged ping sockets. */
final class Ping {
  private static final int DATAGRAM = 2;

  private Ping() {}

  /** What came of it: something was received, or the error. */
  static Answer send(InetAddress address, int patience) {
    boolean six = address instanceof Inet6Address;
    Answer socket = Kernel.call(Call.SOCKET, six ? 10 : 2, DATAGRAM, six ? 58 : 1);
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
    Answer sent = Kernel.call(Call.SENDTO, socket.value(), echo.address(), 16, 0, 0, 0);
    if (!sent.ok()) {
      return sent;
    }
    MemorySegment answer = Kernel.memory(128);
    return Kernel.call(Call.READ, socket.value(), answer.address(), 128);
  }
}
