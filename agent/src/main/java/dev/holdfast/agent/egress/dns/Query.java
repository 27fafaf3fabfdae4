package dev.holdfast.agent.egress.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One question.
 *
 * @param name in lower case
 * @param type as a number, for it can be any
 * @param size the longest answer that is taken over UDP
 */
record Query(int id, String name, int type, int size, boolean recursion, boolean extended) {
  static final int LONGEST = 512;
  private static final int IN = 1;
  private static final int OPT = 41;

  /** Larger answers come over TCP: fragments of datagrams are a way to forge. */
  private static final int MOST_UDP = 1232;

  /**
   * Reads what a job asks.
   *
   * @throws BadMessage if it is anything but one question of the internet, and an EDNS record
   */
  static Query parse(byte[] bytes, int length) throws BadMessage {
    if (length > LONGEST) {
      throw new BadMessage("is longer than a question");
    }
    Wire wire = new Wire(bytes, length);
    int id = wire.u16();
    int flags = wire.u16();
    // No response, an ordinary query, not truncated; the other bits are for who asks.
    if ((flags & 0xfa40) != 0) {
      throw new BadMessage("is no ordinary question");
    }
    if (wire.u16() != 1 || wire.u16() != 0 || wire.u16() != 0) {
      throw new BadMessage("does not ask exactly one thing");
    }
    int additional = wire.u16();
    String name = wire.name();
    int type = wire.u16();
    if (wire.u16() != IN) {
      throw new BadMessage("does not ask about the internet");
    }
    int size = 512;
    if (additional > 1) {
      throw new BadMessage("has more than one additional record");
    }
    if (additional == 1) {
      if (!wire.name().isEmpty() || wire.u16() != OPT) {
        throw new BadMessage("has an additional record that is not EDNS");
      }
      size = Math.clamp(wire.u16(), 512, MOST_UDP);
      long version = (wire.u32() >>> 16) & 255;
      wire.take(wire.u16());
      if (version != 0) {
        throw new BadMessage("has an EDNS of another version");
      }
    }
    if (!wire.isAtEnd()) {
      throw new BadMessage("has something after its end");
    }
    return new Query(id, name, type, size, (flags & 0x100) != 0, additional == 1);
  }

  /** What is sent to a server instead: the question alone, under an id of our own. */
  byte[] forward(int otherId) {
    var out = new ByteArrayOutputStream();
    u16(out, otherId);
    u16(out, 0x0100);
    u16(out, 1);
    u16(out, 0);
    u16(out, 0);
    u16(out, 1);
    question(out);
    out.write(0);
    u16(out, OPT);
    u16(out, MOST_UDP);
    u16(out, 0);
    u16(out, 0);
    u16(out, 0);
    return out.toByteArray();
  }

  void question(ByteArrayOutputStream out) {
    name(out, name);
    u16(out, type);
    u16(out, IN);
  }

  static void name(ByteArrayOutputStream out, String name) {
    if (!name.isEmpty()) {
      for (String label : name.split("\\.")) {
        out.write(label.length());
        out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
      }
    }
    out.write(0);
  }

  static void u16(ByteArrayOutputStream out, int value) {
    out.write(value >>> 8);
    out.write(value);
  }

  static void u32(ByteArrayOutputStream out, long value) {
    u16(out, ((int) (value >>> 16)) & 0xffff);
    u16(out, ((int) value) & 0xffff);
  }
}
