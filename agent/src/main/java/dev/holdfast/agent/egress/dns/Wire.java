package dev.holdfast.agent.egress.dns;

import java.nio.charset.StandardCharsets;

/** Reads the parts of a message in order, never beyond its end. */
final class Wire {
  private static final int LONGEST_NAME = 253;

  private final byte[] bytes;
  private final int end;
  private int at;

  Wire(byte[] bytes, int length) {
    this.bytes = bytes;
    this.end = length;
  }

  int position() {
    return at;
  }

  boolean isAtEnd() {
    return at == end;
  }

  int u8() throws BadMessage {
    if (at >= end) {
      throw new BadMessage("ends too early");
    }
    return bytes[at++] & 255;
  }

  int u16() throws BadMessage {
    return (u8() << 8) | u8();
  }

  long u32() throws BadMessage {
    return ((long) u16() << 16) | u16();
  }

  byte[] take(int count) throws BadMessage {
    if (count > end - at) {
      throw new BadMessage("ends too early");
    }
    byte[] taken = java.util.Arrays.copyOfRange(bytes, at, at + count);
    at += count;
    return taken;
  }

  void skipTo(int position) throws BadMessage {
    if (position != at) {
      throw new BadMessage("holds a record of another length than it says");
    }
  }

  /**
   * A name in lower case, without its last dot; the root is empty. Pointers must lead backwards, so
   * that their number is bounded. Only what host and service names are made of is taken: a dot or a
   * NUL inside a label would read as another name.
   */
  String name() throws BadMessage {
    var name = new StringBuilder();
    int here = at;
    int after = -1;
    int lowest = at;
    while (true) {
      if (here >= end) {
        throw new BadMessage("ends within a name");
      }
      int length = bytes[here] & 255;
      if (length >= 0xc0) {
        if (here + 1 >= end) {
          throw new BadMessage("ends within a name");
        }
        int target = ((length & 0x3f) << 8) | (bytes[here + 1] & 255);
        if (target >= lowest) {
          throw new BadMessage("has a name that points forwards");
        }
        after = after < 0 ? here + 2 : after;
        lowest = target;
        here = target;
      } else if (length == 0) {
        at = after < 0 ? here + 1 : after;
        return name.toString();
      } else if (length > 63 || here + 1 + length > end) {
        throw new BadMessage("has a label of a length that is not allowed");
      } else {
        label(name, here + 1, length);
        here += 1 + length;
      }
    }
  }

  private void label(StringBuilder name, int from, int length) throws BadMessage {
    if (!name.isEmpty()) {
      name.append('.');
    }
    String label = new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < label.length(); i++) {
      char c = Character.toLowerCase(label.charAt(i));
      boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (!plain) {
        throw new BadMessage("has a name with other characters than letters, digits, - and _");
      }
      name.append(c);
    }
    if (name.length() > LONGEST_NAME) {
      throw new BadMessage("has a name that is too long");
    }
  }
}
