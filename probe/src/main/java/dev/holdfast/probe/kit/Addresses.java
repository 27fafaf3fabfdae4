package dev.holdfast.probe.kit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Addresses as the kernel wants them. */
final class Addresses {
  private Addresses() {}

  static MemorySegment of(InetAddress address, int port) {
    byte[] bytes = address.getAddress();
    boolean six = address instanceof Inet6Address;
    MemorySegment made = Kernel.memory(six ? 28 : 16);
    made.set(ValueLayout.JAVA_SHORT, 0, (short) (six ? 10 : 2));
    made.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> 8));
    made.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
    MemorySegment.copy(bytes, 0, made, ValueLayout.JAVA_BYTE, six ? 8 : 4, bytes.length);
    return made;
  }
}
