package dev.holdfast.relay.store;

import dev.holdfast.model.digest.Sha256;
import java.security.SecureRandom;
import java.util.Base64;

/** What cannot be guessed, and what is kept of it. Thread-safe. */
public final class Unguessable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int ID_DIGITS = 26;
  private static final int BYTES = 32;

  private Unguessable() {}

  /** {@code prefix_} and 130 random bits. */
  public static String id(String prefix) {
    byte[] bytes = new byte[ID_DIGITS];
    RANDOM.nextBytes(bytes);
    var out = new StringBuilder(prefix).append('_');
    for (byte b : bytes) {
      out.append(DIGITS[b & 31]);
    }
    return out.toString();
  }

  /** {@code prefix} and 256 random bits. */
  static String secret(String prefix) {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * What is kept, and looked for, of a secret: enough for what cannot be guessed, and of no use to
   * who reads it. Only hashes are ever compared, so that time says nothing of a secret.
   */
  static String hash(String secret) {
    return Sha256.hex(secret);
  }
}
