package dev.holdfast.model.wire.relay;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.wire.Bounds;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/**
 * How a delivery is sealed: HPKE (RFC 9180) in base mode, single-shot, with DHKEM(X25519,
 * HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305. Here is all of it but the cipher itself, which
 * takes a library that this module does not have: the relay seals, the orchestrator opens.
 *
 * <p>Sealed bytes are {@link #VERSION}, one byte; the encapsulated key, 32; the ciphertext of an
 * {@link Original}, with its tag of 16.
 */
public final class Sealing {
  /** The first byte; others are refused by who opens. */
  public static final byte VERSION = 1;

  /** RFC 9180, section 7: the suite's numbers. */
  public static final short KEM = 0x0020;

  public static final short KDF = 0x0001;
  public static final short AEAD = 0x0003;

  /** Bytes of the encapsulated key, which stands behind the version. */
  public static final int ENCAPSULATED = 32;

  /** By how much sealed bytes are longer than what was sealed. */
  public static final int OVERHEAD = 1 + ENCAPSULATED + 16;

  /** Of sealed bytes. */
  public static final int LONGEST = OVERHEAD + Original.LONGEST;

  private static final String LABEL = "holdfast relay delivery";

  private Sealing() {}

  /**
   * What a delivery cannot be taken away from: with any of it changed, it does not open.
   *
   * @param arrived to the millisecond
   */
  public record Bound(String tenant, String source, String delivery, Instant arrived) {
    public Bound {
      Bounds.id("a tenant", tenant);
      Bounds.id("a source", source);
      Bounds.id("a delivery", delivery);
      arrived = Instant.ofEpochMilli(arrived.toEpochMilli());
    }

    /** HPKE's info: which door it came through. */
    public byte[] info() {
      return joined(LABEL, Byte.toString(VERSION), tenant, source);
    }

    /** HPKE's aad: which delivery it is. */
    public byte[] aad() {
      return joined(delivery, Long.toString(arrived.toEpochMilli()));
    }
  }

  /** What names a public key: the first 16 bytes of its SHA-256, in hex. */
  public static String keyId(byte[] publicKey) {
    return HexFormat.of().formatHex(Sha256.of(publicKey), 0, 16);
  }

  /** Each with its length in front, so that no two lists are the same bytes. */
  private static byte[] joined(String... parts) {
    var out = new ByteArrayOutputStream();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      out.write(bytes.length >>> 8);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }
}
