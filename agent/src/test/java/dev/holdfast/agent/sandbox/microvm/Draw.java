package dev.holdfast.agent.sandbox.microvm;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Run in machines: what a Java draws first. */
public final class Draw {
  private Draw() {}

  public static void main(String[] none) {
    byte[] drawn = new byte[32];
    new SecureRandom().nextBytes(drawn);
    System.out.println(HexFormat.of().formatHex(drawn));
  }
}
