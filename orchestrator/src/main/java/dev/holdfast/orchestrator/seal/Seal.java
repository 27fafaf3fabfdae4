package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals texts with AES-256 in Galois/counter mode. A sealed text can be opened only at the place
 * that it was sealed for, so that rows of a table cannot be swapped. Thread-safe.
 */
public final class Seal {
  private static final byte VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int KEY_ID_BYTES = 4;

  /** As the mode's standard (NIST SP 800-38D) wants it for random ones. */
  private static final int NONCE_BYTES = 12;

  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final byte[] keyId;
  private final SecureRandom random = new SecureRandom();

  Seal(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "the key has " + key.length + " bytes; expected " + KEY_BYTES);
    }
    this.key = new SecretKeySpec(key, "AES");
    this.keyId = Arrays.copyOf(Sha256.of(key), KEY_ID_BYTES);
  }

  /**
   * With the key in {@code file}, which is made if it is not there.
   *
   * @throws IOException if it cannot be used, with the mend
   */
  public static Seal open(Path file) throws IOException {
    byte[] key = KeyFile.open(file, KeyFile.random(KEY_BYTES));
    if (key.length != KEY_BYTES) {
      throw new IOException("the key " + file + " is damaged; restore it from a backup");
    }
    return new Seal(key);
  }

  /**
   * {@code text}, sealed.
   *
   * @param place table, row and column
   */
  public String seal(String text, String place) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, place, text.getBytes(StandardCharsets.UTF_8));
    ByteBuffer all =
        ByteBuffer.allocate(1 + KEY_ID_BYTES + NONCE_BYTES + sealed.length)
            .put(VERSION)
            .put(keyId)
            .put(nonce)
            .put(sealed);
    return Base64.getEncoder().encodeToString(all.array());
  }

  /**
   * What {@link #seal} sealed for {@code place}.
   *
   * @throws Broken if it was changed, is another place's or another key's
   */
  public String open(String sealed, String place) {
    ByteBuffer all;
    try {
      all = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
    } catch (IllegalArgumentException e) {
      throw new Broken(place, e);
    }
    if (all.remaining() < 1 + KEY_ID_BYTES + NONCE_BYTES || all.get() != VERSION) {
      throw new Broken(place, null);
    }
    byte[] id = new byte[KEY_ID_BYTES];
    all.get(id);
    if (!Arrays.equals(id, keyId)) {
      throw new Broken(place + " (it was sealed with another key)", null);
    }
    byte[] nonce = new byte[NONCE_BYTES];
    all.get(nonce);
    byte[] text = new byte[all.remaining()];
    all.get(text);
    return new String(run(Cipher.DECRYPT_MODE, nonce, place, text), StandardCharsets.UTF_8);
  }

  private byte[] run(int mode, byte[] nonce, String place, byte[] text) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new Broken(place, e);
    }
  }

  /** A sealed value that is not what was sealed for its place. */
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String place, @org.jspecify.annotations.Nullable Throwable cause) {
      super("what is sealed at " + place + " was changed, or is not of that place", cause);
    }
  }
}
