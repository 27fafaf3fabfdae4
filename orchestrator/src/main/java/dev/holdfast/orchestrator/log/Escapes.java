package dev.holdfast.orchestrator.log;

import java.io.ByteArrayOutputStream;

/**
 * Escape sequences of terminals, as ECMA-48 has them: what moves a cursor, names a window or makes
 * a link is no part of a text.
 */
public final class Escapes {
  private static final int ESC = 0x1b;

  private Escapes() {}

  /** Where the sequence ends that begins with the ESC at {@code at}; what is not whole ends it. */
  public static int end(byte[] bytes, int at) {
    int next = at + 1;
    if (next >= bytes.length) {
      return next;
    }
    return switch (bytes[next]) {
      case '[' -> control(bytes, next + 1);
      // Strings: device control, start of string, operating system, privacy, application program.
      case 'P', 'X', ']', '^', '_' -> string(bytes, next + 1);
      default -> simple(bytes, next);
    };
  }

  /** Whether the sequence from {@code at} to {@code end} says how the text behind it looks. */
  public static boolean isLook(byte[] bytes, int at, int end) {
    return end - at >= 3 && bytes[at + 1] == '[' && bytes[end - 1] == 'm';
  }

  private static int control(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] >= 0x20 && bytes[at] <= 0x3f) {
      at++;
    }
    return at < bytes.length && bytes[at] >= 0x40 && bytes[at] <= 0x7e ? at + 1 : at;
  }

  private static int string(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length) {
      if (bytes[at] == 0x07) {
        return at + 1;
      }
      if (bytes[at] == ESC) {
        return at + 1 < bytes.length && bytes[at + 1] == '\\' ? at + 2 : at;
      }
      at++;
    }
    return at;
  }

  private static int simple(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] >= 0x20 && bytes[at] <= 0x2f) {
      at++;
    }
    return at < bytes.length && bytes[at] >= 0x30 && bytes[at] <= 0x7e ? at + 1 : at;
  }

  /** {@code bytes} without any. */
  public static byte[] without(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && bytes[at] != ESC) {
      at++;
    }
    if (at == bytes.length) {
      return bytes;
    }
    var out = new ByteArrayOutputStream(bytes.length);
    out.write(bytes, 0, at);
    while (at < bytes.length) {
      if (bytes[at] == ESC) {
        at = end(bytes, at);
      } else {
        out.write(bytes[at]);
        at++;
      }
    }
    return out.toByteArray();
  }
}
