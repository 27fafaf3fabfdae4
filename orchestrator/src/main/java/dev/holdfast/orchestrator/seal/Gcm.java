package dev.holdfast.orchestrator.seal;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256 in Galois/counter mode, as Java's own provider does it. Not Tink, which was the other
 * choice: one mode with keys and nonces of one size is all that is used here, Tink's envelope makes
 * a key for each value and cannot wrap it anew by itself, and it brings a second protobuf. What it
 * would keep us from, a nonce that comes twice, is kept here: each call draws its own from the
 * system's generator, and {@link DataKeys} ends a key's use long before two are likely to meet.
 * Thread-safe.
 */
final class Gcm {
  static final int KEY_BYTES = 32;

  /** As the mode's standard (NIST SP 800-38D) wants it for random ones. */
  static final int NONCE_BYTES = 12;

  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Gcm() {}

  /** A new key. */
  static byte[] newKey() {
    byte[] key = new byte[KEY_BYTES];
    RANDOM.nextBytes(key);
    return key;
  }

  /** A new nonce, then {@code text} encrypted, then its tag. */
  static byte[] seal(byte[] key, byte[] bound, byte[] text) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce);
      cipher.updateAAD(bound);
      byte[] out = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(text.length));
      cipher.doFinal(text, 0, text.length, out, NONCE_BYTES);
      return out;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES in this mode", e);
    }
  }

  /**
   * What {@link #seal} sealed with the same key and the same {@code bound}; empty if it was not.
   */
  static Optional<byte[]> open(byte[] key, byte[] bound, byte[] sealed) {
    if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
      return Optional.empty();
    }
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(sealed, NONCE_BYTES));
      cipher.updateAAD(bound);
      return Optional.of(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (javax.crypto.AEADBadTagException e) {
      // That is the answer to the question, and says nothing else.
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES in this mode", e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}
