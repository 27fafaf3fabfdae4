package dev.holdfast.model.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.time.Instant;
import java.util.Base64;

/**
 * That the log had this entry with this hash at that time, signed. One that is kept elsewhere shows
 * whether the log was cut or rewritten, also by who could write all of its files.
 *
 * @param number of the newest entry
 * @param hash beside it
 * @param at to the millisecond
 * @param signature Ed25519 over the rest, as Base64
 */
public record Checkpoint(long number, String hash, Instant at, String signature) {
  private static final String WHAT = "holdfast audit checkpoint 1";

  /** Signs. */
  public static Checkpoint of(long number, String hash, Instant at, PrivateKey key) {
    try {
      Signature signing = Signature.getInstance("Ed25519");
      signing.initSign(key);
      signing.update(signed(number, hash, at));
      return new Checkpoint(number, hash, at, Base64.getEncoder().encodeToString(signing.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key cannot sign", e);
    }
  }

  /** Whether the owner of {@code key} signed exactly this. */
  public boolean by(PublicKey key) {
    try {
      Signature checking = Signature.getInstance("Ed25519");
      checking.initVerify(key);
      checking.update(signed(number, hash, at));
      return checking.verify(Base64.getDecoder().decode(signature));
    } catch (SignatureException | InvalidKeyException | IllegalArgumentException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  private static byte[] signed(long number, String hash, Instant at) {
    return (WHAT + "\n" + number + "\n" + hash + "\n" + at.toEpochMilli() + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
