package dev.holdfast.orchestrator.audit;

import dev.holdfast.orchestrator.seal.KeyFile;
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
 * What signs checkpoints.
 *
 * @param open to check with
 */
record LogKey(PrivateKey secret, PublicKey open) {
  private static final String FILE = "keys/audit.key";
  private static final String OPEN = "audit/key.pub";

  /**
   * The key below {@code data}; made if it is not there. The open half is written beside the log.
   */
  static LogKey open(Path data) throws IOException {
    byte[] text = KeyFile.open(data.resolve(FILE), LogKey::made);
    LogKey key = of(data.resolve(FILE), new String(text, StandardCharsets.US_ASCII));
    Path beside = data.resolve(OPEN);
    Files.createDirectories(data.resolve("audit"));
    Files.writeString(beside, encoded(key.open().getEncoded()) + "\n");
    return key;
  }

  /** The open half in {@code file}. */
  static PublicKey publicKey(Path file) throws IOException {
    try {
      byte[] bytes = Base64.getDecoder().decode(Files.readString(file).strip());
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(bytes));
    } catch (NoSuchFileException e) {
      throw new IOException("there is no key " + file + " to check the audit log with", e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " is not the open half of an audit log's key", e);
    }
  }

  /** Where the open half is, below {@code data}. */
  static Path publicFile(Path data) {
    return data.resolve(OPEN);
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

  private static LogKey of(Path file, String text) throws IOException {
    List<String> halves = text.lines().toList();
    if (halves.size() != 2) {
      throw new IOException("the key " + file + " is damaged; restore it from a backup");
    }
    try {
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      var decoder = Base64.getDecoder();
      return new LogKey(
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
