package dev.holdfast.model.digest;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Base64;

/** Ed25519, with signatures as Base64. */
public final class Signatures {
  private static final String KIND = "Ed25519";

  private Signatures() {}

  /** The signature over {@code bytes}. */
  public static String sign(PrivateKey key, byte[] bytes) {
    try {
      Signature signing = Signature.getInstance(KIND);
      signing.initSign(key);
      signing.update(bytes);
      return Base64.getEncoder().encodeToString(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key cannot sign", e);
    }
  }

  /** Whether the owner of {@code key} signed exactly these bytes. */
  public static boolean good(PublicKey key, byte[] bytes, String signature) {
    try {
      Signature checking = Signature.getInstance(KIND);
      checking.initVerify(key);
      checking.update(bytes);
      return checking.verify(Base64.getDecoder().decode(signature));
    } catch (SignatureException | InvalidKeyException | IllegalArgumentException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + KIND, e);
    }
  }
}
