package dev.holdfast.relay.seal;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.Sealing;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.NullMarked;

/**
 * RFC 9180's other side, written from its text over the JDK's own X25519, HKDF and ChaCha20, so
 * that the relay's sealing is held against something that it shares no code with.
 */
@NullMarked
public final class Opener {
  private static final byte[] KEM = {'K', 'E', 'M', 0x00, 0x20};
  private static final byte[] HPKE = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};

  private final java.security.PrivateKey secret;
  private final byte[] point;

  private Opener(java.security.PrivateKey secret, byte[] point) {
    this.secret = secret;
    this.point = point;
  }

  public static Opener make() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
      return new Opener(pair.getPrivate(), bytes(((XECPublicKey) pair.getPublic()).getU()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static Opener of(byte[] secret, byte[] point) throws GeneralSecurityException {
    return new Opener(
        KeyFactory.getInstance("X25519")
            .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)),
        point);
  }

  public PublicKey key() {
    return PublicKey.of(point);
  }

  /** What was sealed; fails if anything is not as it was. */
  public Original open(byte[] sealed, Sealing.Bound bound) throws GeneralSecurityException {
    if (sealed[0] != Sealing.VERSION) {
      throw new GeneralSecurityException("another version");
    }
    return Original.of(
        open(
            Arrays.copyOfRange(sealed, 1, 33),
            bound.info(),
            bound.aad(),
            Arrays.copyOfRange(sealed, 33, sealed.length)));
  }

  byte[] open(byte[] encapsulated, byte[] info, byte[] aad, byte[] text)
      throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(secret);
    byte[] turned = reversed(encapsulated);
    turned[0] &= 0x7f;
    agreement.doPhase(
        KeyFactory.getInstance("X25519")
            .generatePublic(
                new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, turned))),
        true);
    byte[] eae = extract(KEM, new byte[0], "eae_prk", agreement.generateSecret());
    byte[] shared = expand(KEM, eae, "shared_secret", joined(encapsulated, point), 32);
    byte[] context =
        joined(
            new byte[] {0},
            extract(HPKE, new byte[0], "psk_id_hash", new byte[0]),
            extract(HPKE, new byte[0], "info_hash", info));
    byte[] secretOfAll = extract(HPKE, shared, "secret", new byte[0]);
    byte[] key = expand(HPKE, secretOfAll, "key", context, 32);
    byte[] nonce = expand(HPKE, secretOfAll, "base_nonce", context, 12);
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.DECRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
    cipher.updateAAD(aad);
    return cipher.doFinal(text);
  }

  private static byte[] extract(byte[] suite, byte[] salt, String label, byte[] keying)
      throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(
            HKDFParameterSpec.ofExtract()
                .addSalt(salt.length == 0 ? new byte[32] : salt)
                .addIKM(joined(text("HPKE-v1"), suite, text(label), keying))
                .extractOnly());
  }

  private static byte[] expand(byte[] suite, byte[] key, String label, byte[] info, int length)
      throws GeneralSecurityException {
    byte[] all =
        joined(
            ByteBuffer.allocate(2).putShort((short) length).array(),
            text("HPKE-v1"),
            suite,
            text(label),
            info);
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(HKDFParameterSpec.expandOnly(new SecretKeySpec(key, "Generic"), all, length));
  }

  private static byte[] text(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      out[i] = bytes[bytes.length - 1 - i];
    }
    return out;
  }

  private static byte[] bytes(BigInteger u) {
    byte[] big = u.toByteArray();
    byte[] out = new byte[32];
    for (int i = 0; i < Math.min(32, big.length); i++) {
      out[i] = big[big.length - 1 - i];
    }
    return out;
  }
}
