package dev.holdfast.relay.seal;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.Sealing;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;

/**
 * Seals deliveries to a tenant's public key; {@link Sealing} has the format. There is no way back
 * in here: the relay has no private key. Thread-safe.
 */
public final class Sealer {
  /** One for each use: the library's keeps state while it derives keys, and is for one thread. */
  private static HPKE hpke() {
    return new HPKE(HPKE.mode_base, Sealing.KEM, Sealing.KDF, Sealing.AEAD);
  }

  /**
   * {@code original}, to be opened only by who has the private half of {@code key}, and only as
   * what it is {@code bound} to. Each call makes a key of its own, which is forgotten.
   */
  public Sealed seal(PublicKey key, Sealing.Bound bound, Original original) {
    byte[] plain = original.bytes();
    try {
      HPKEContextWithEncapsulation context = hpke().setupBaseS(point(key), bound.info());
      byte[] text = context.seal(bound.aad(), plain);
      byte[] encapsulated = context.getEncapsulation();
      return new Sealed(
          key.id(),
          ByteBuffer.allocate(1 + encapsulated.length + text.length)
              .put(Sealing.VERSION)
              .put(encapsulated)
              .put(text)
              .array());
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("sealing does not fail by what is sealed", e);
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  /**
   * Whether anything can be sealed to {@code key}: not to the few points with which every secret
   * comes out the same.
   */
  public boolean usable(PublicKey key) {
    try {
      var _ = hpke().setupBaseS(point(key), new byte[0]);
      return true;
    } catch (IllegalArgumentException | IllegalStateException e) {
      return false;
    }
  }

  private static AsymmetricKeyParameter point(PublicKey key) {
    return hpke().deserializePublicKey(key.bytes());
  }
}
