package dev.holdfast.orchestrator.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * A key that signs, Ed25519, in a file of its own.
 *
 * @param open to check with
 */
public record SigningKey(PrivateKey secret, PublicKey open) {
  /**
   * The key in {@code file}; made if it is not there.
   *
   * @throws IOException as {@link KeyFile#open}
   */
  public static SigningKey open(Path file) throws IOException {
    byte[] text = KeyFile.open(file, SigningKey::made);
    return of(file, new String(text, StandardCharsets.US_ASCII));
  }

  /** The open half, as text: X.509 in Base64. */
  public String openText() {
    return encoded(open.getEncoded());
  }

  /** The open half in {@code file}, as {@link #openText} writes it. */
  public static PublicKey publicKey(Path file) throws IOException {
    try {
      byte[] bytes = Base64.getDecoder().decode(Files.readString(file).strip());
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(bytes));
    } catch (NoSuchFileException e) {
      throw new IOException("there is no key " + file + " to check with", e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " is not the open half of a key", e);
    }
  }

  private static byte[] made() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      return (encoded(pair.getPrivate().getEncoded())
              + "\n"
              + encoded(pair.getPublic().getEncoded())
              + "\n")
          .getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  private static SigningKey of(Path file, String text) throws IOException {
    List<String> halves = text.lines().toList();
    if (halves.size() != 2) {
      throw new IOException("the key " + file + " is damaged; restore it from a backup");
    }
    try {
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      var decoder = Base64.getDecoder();
      return new SigningKey(
          keys.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(halves.getFirst()))),
          keys.generatePublic(new X509EncodedKeySpec(decoder.decode(halves.getLast()))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the key " + file + " is damaged; restore it from a backup", e);
    }
  }

  private static String encoded(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
