package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.Sealing;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;

/** Opens what a relay sealed; {@link Sealing} has the format. Thread-safe. */
final class Opener {
  private Opener() {}

  /** A key pair to which relays seal. */
  record Key(byte[] secret, PublicKey open) {
    static Key make() {
      HPKE hpke = hpke();
      AsymmetricCipherKeyPair pair = hpke.generatePrivateKey();
      return new Key(
          hpke.serializePrivateKey(pair.getPrivate()),
          PublicKey.of(hpke.serializePublicKey(pair.getPublic())));
    }

    /** Not the key: this may reach a log. */
    @Override
    public String toString() {
      return "the key " + open.id();
    }
  }

  /** What was not sealed to this key for this delivery, or was changed. */
  static final class Unopened extends Exception {
    private static final long serialVersionUID = 1L;

    Unopened(String why, @org.jspecify.annotations.Nullable Throwable cause) {
      super(why, cause);
    }
  }

  /** One for each use: the library's keeps what it computes with, and threads must not share it. */
  private static HPKE hpke() {
    return new HPKE(HPKE.mode_base, Sealing.KEM, Sealing.KDF, Sealing.AEAD);
  }

  /** What was posted, of {@code sealed} bytes that are bound to {@code bound}. */
  static Original open(Key key, Sealing.Bound bound, byte[] sealed) throws Unopened {
    if (sealed.length < Sealing.OVERHEAD || sealed[0] != Sealing.VERSION) {
      throw new Unopened(
          "it is not sealed as version " + Sealing.VERSION + " is; update the older side", null);
    }
    byte[] plain =
        plain(
            key,
            bound.info(),
            bound.aad(),
            Arrays.copyOfRange(sealed, 1, 1 + Sealing.ENCAPSULATED),
            Arrays.copyOfRange(sealed, 1 + Sealing.ENCAPSULATED, sealed.length));
    try {
      return Original.of(plain);
    } catch (IllegalArgumentException e) {
      throw new Unopened("what was sealed is no delivery: " + e.getMessage(), e);
    }
  }

  /** HPKE's single-shot opening, in base mode. */
  static byte[] plain(Key key, byte[] info, byte[] aad, byte[] encapsulated, byte[] text)
      throws Unopened {
    HPKE hpke = hpke();
    try {
      return hpke.open(
          encapsulated,
          hpke.deserializePrivateKey(key.secret(), key.open().bytes()),
          info,
          aad,
          text,
          null,
          null,
          null);
    } catch (InvalidCipherTextException | IllegalArgumentException | IllegalStateException e) {
      throw new Unopened(
          "it does not open: it was changed, or was sealed for another tenant, source or delivery",
          e);
    }
  }
}
