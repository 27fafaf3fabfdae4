package dev.holdfast.agent.sandbox.microvm.guest;

import java.io.DataOutputStream;
import java.io.IOException;

/** What the host says, by the number that {@code guest/guest.h} has for it. */
enum ToGuest {
  HELLO(1),
  START(2),
  FILES(3),
  NETWORK(4),
  CHANNEL(5),
  CHANNEL_END(6),
  OFF(7),
  KEEP(8),
  TIME(9);

  /** Of each frame, in both directions. */
  static final int MOST_PAYLOAD = 64 * 1024;

  private final int code;

  ToGuest(int code) {
    this.code = code;
  }

  void write(DataOutputStream out, byte[] payload, int length) throws IOException {
    if (length > MOST_PAYLOAD) {
      throw new IOException("a frame to the guest has " + length + " bytes");
    }
    out.writeByte(code);
    out.writeByte(0);
    out.writeInt(length);
    out.write(payload, 0, length);
    out.flush();
  }
}
