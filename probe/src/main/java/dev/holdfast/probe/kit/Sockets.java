package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Sockets of kinds that Java does not make. */
public final class Sockets {
  private static final int AF_UNIX = 1;
  private static final int STREAM = 1;

  private Sockets() {}

  /** Whether a socket of an address family can be made, or asked for. */
  static void family(String name) {
    Answer answer =
        switch (name) {
          case "packet" -> Kernel.call(Call.SOCKET, 17, 3, 0x0300);
          case "vsock" -> Kernel.call(Call.SOCKET, 40, STREAM, 0);
          case "alg" -> Kernel.call(Call.SOCKET, 38, 5, 0);
          case "bluetooth" -> Kernel.call(Call.SOCKET, 31, 3, 1);
          case "xdp" -> Kernel.call(Call.SOCKET, 44, 3, 0);
          default -> throw new IllegalArgumentException(name);
        };
    if (answer.is(Kernel.EAFNOSUPPORT)) {
      Say.absent("the kernel says that it has no sockets of the family " + name);
    } else {
      Say.succeeded("a socket of the family " + name, answer);
    }
  }

  /** A raw socket, by which packets of any kind are made. */
  static void raw() {
    Say.succeeded("a raw socket for ICMP", Kernel.call(Call.SOCKET, 2, 3, 1));
  }

  /** Listens at {@code name}, which is in no file system, until this process ends. */
  public static void listenAbstract(String name) {
    long socket = Kernel.call(Call.SOCKET, AF_UNIX, STREAM, 0).value();
    Answer bound = Kernel.call(Call.BIND, socket, address(name).address(), length(name));
    Answer listening = Kernel.call(Call.LISTEN, socket, 8);
    if (!bound.ok() || !listening.ok()) {
      throw new IllegalStateException("cannot listen at an abstract socket: " + bound.words());
    }
  }

  static void abstractSocket(String name) {
    long socket = Kernel.call(Call.SOCKET, AF_UNIX, STREAM, 0).value();
    Answer answer = Kernel.call(Call.CONNECT, socket, address(name).address(), length(name));
    Say.succeeded("connecting to an abstract socket of the host", answer);
  }

  static void pathSocket(String path) {
    long socket = Kernel.call(Call.SOCKET, AF_UNIX, STREAM, 0).value();
    MemorySegment address = Kernel.memory(110);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    address.asSlice(2).setString(0, path);
    Answer answer = Kernel.call(Call.CONNECT, socket, address.address(), 2 + path.length() + 1);
    Say.succeeded("connecting to " + path, answer);
  }

  private static MemorySegment address(String name) {
    MemorySegment address = Kernel.memory(110);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 3, bytes.length);
    return address;
  }

  private static int length(String name) {
    return 3 + name.length();
  }
}
