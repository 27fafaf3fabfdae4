package dev.holdfast.orchestrator.forge.github;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;

/** The private key of an app at GitHub, with which it shows who it is. Thread-safe. */
public final class AppKey {
  private static final int FEWEST_BITS = 2048;

  /** For clocks that differ; GitHub takes at most ten minutes in all. */
  private static final Duration BEFORE = Duration.ofSeconds(60);

  private static final Duration LIFE = Duration.ofMinutes(8);

  /** In front of a PKCS #1 key it makes a PKCS #8 one: version 0, the algorithm rsaEncryption. */
  private static final byte[] RSA = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  private final RSAPrivateKey key;

  private AppKey(RSAPrivateKey key) {
    this.key = key;
  }

  /**
   * Reads a key as GitHub hands it out, or as other programs write it.
   *
   * @throws IllegalArgumentException if it is none, with the mend; says nothing of what it holds
   */
  public static AppKey of(String pem) {
    boolean bare = pem.contains("-----BEGIN RSA PRIVATE KEY-----");
    if (!bare && !pem.contains("-----BEGIN PRIVATE KEY-----")) {
      throw new IllegalArgumentException(
          "this is not a private key; give the .pem file that GitHub generated for the app");
    }
    RSAPrivateKey key;
    try {
      String text = pem.substring(pem.indexOf("KEY-----") + 8, pem.indexOf("-----END"));
      byte[] bytes = Base64.getMimeDecoder().decode(text);
      key =
          (RSAPrivateKey)
              KeyFactory.getInstance("RSA")
                  .generatePrivate(new PKCS8EncodedKeySpec(bare ? wrapped(bytes) : bytes));
    } catch (GeneralSecurityException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the private key is damaged; generate another one for the app", e);
    }
    if (key.getModulus().bitLength() < FEWEST_BITS) {
      throw new IllegalArgumentException(
          "the private key is shorter than " + FEWEST_BITS + " bits; generate another one");
    }
    return new AppKey(key);
  }

  private static byte[] wrapped(byte[] bare) {
    byte[] octets = der(0x04, bare);
    byte[] inside = new byte[RSA.length + octets.length];
    System.arraycopy(RSA, 0, inside, 0, RSA.length);
    System.arraycopy(octets, 0, inside, RSA.length, octets.length);
    return der(0x30, inside);
  }

  /** A value of ASN.1 with its tag and a length in two bytes, which keys of these sizes have. */
  private static byte[] der(int tag, byte[] value) {
    byte[] out = new byte[4 + value.length];
    out[0] = (byte) tag;
    out[1] = (byte) 0x82;
    out[2] = (byte) (value.length >> 8);
    out[3] = (byte) value.length;
    System.arraycopy(value, 0, out, 4, value.length);
    return out;
  }

  /** What shows for some minutes that we are the app with this number. */
  String signed(long app, Instant now) {
    var jwt =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.RS256),
            new JWTClaimsSet.Builder()
                .issuer(Long.toString(app))
                .issueTime(Date.from(now.minus(BEFORE)))
                .expirationTime(Date.from(now.plus(LIFE)))
                .build());
    try {
      jwt.sign(new RSASSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java signs with RSA", e);
    }
    return jwt.serialize();
  }

  @Override
  public String toString() {
    return "a private key";
  }
}
