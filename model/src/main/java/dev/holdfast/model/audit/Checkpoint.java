package dev.holdfast.model.audit;

import dev.holdfast.model.digest.Signatures;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Instant;

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
    return new Checkpoint(number, hash, at, Signatures.sign(key, signed(number, hash, at)));
  }

  /** Whether the owner of {@code key} signed exactly this. */
  public boolean by(PublicKey key) {
    return Signatures.good(key, signed(number, hash, at), signature);
  }

  private static byte[] signed(long number, String hash, Instant at) {
    return (WHAT + "\n" + number + "\n" + hash + "\n" + at.toEpochMilli() + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
