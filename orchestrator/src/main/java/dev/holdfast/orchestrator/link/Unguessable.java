package dev.holdfast.orchestrator.link;

import java.security.SecureRandom;
import java.util.Base64;

/** What cannot be guessed. Thread-safe. */
final class Unguessable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Unguessable() {}

  static byte[] bytes(int count) {
    byte[] value = new byte[count];
    RANDOM.nextBytes(value);
    return value;
  }

  /** That many bytes, as text for addresses and fields. */
  static String text(int count) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(count));
  }
}
