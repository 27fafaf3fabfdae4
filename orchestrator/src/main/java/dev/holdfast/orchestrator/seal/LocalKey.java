package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A master key whose bytes this process holds, wherever it had them from. */
final class LocalKey implements MasterKey {
  private static final String FORM = "local";
  private static final int PRINT_BYTES = 8;

  private final String name;
  private final byte[] key;
  private final String print;

  /** Takes the array over. */
  LocalKey(String name, byte[] key) {
    if (key.length != Gcm.KEY_BYTES) {
      throw new IllegalArgumentException(
          "the key has " + key.length + " bytes; expected " + Gcm.KEY_BYTES);
    }
    this.name = name;
    this.key = key;
    this.print = print(key);
  }

  /**
   * From what a file holds or a command prints: 32 bytes as they are, or written as 64 hexadecimal
   * digits or in Base64.
   *
   * @param where for the message
   * @throws IOException if it is none of these; the message says nothing of what was read
   */
  static LocalKey read(String name, byte[] text, String where) throws IOException {
    if (text.length == Gcm.KEY_BYTES) {
      return new LocalKey(name, text.clone());
    }
    String line = new String(text, StandardCharsets.ISO_8859_1).strip();
    byte @Nullable [] key = null;
    if (line.matches("[0-9a-fA-F]{64}")) {
      key = HexFormat.of().parseHex(line);
    } else if (line.matches("[A-Za-z0-9+/]{43}=?")) {
      key = Base64.getDecoder().decode(line.length() == 43 ? line + "=" : line);
    }
    if (key == null) {
      throw new IOException(
          where
              + " is no key: expected 32 bytes, or 64 hexadecimal digits, or Base64 of 32 bytes;"
              + " make one with: head -c 32 /dev/urandom");
    }
    return new LocalKey(name, key);
  }

  /** Tells keys apart and tells nothing of them: no random key can be found from it. */
  private static String print(byte[] key) {
    MessageDigest digest = Sha256.start();
    digest.update("holdfast master key\n".getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(key), PRINT_BYTES));
  }

  @Override
  public String wrap(byte[] data, byte[] bound) {
    return FORM
        + ":"
        + print
        + ":"
        + Base64.getEncoder().encodeToString(Gcm.seal(key, bound, data));
  }

  @Override
  public byte[] unwrap(String wrapped, byte[] bound) throws DoesNotOpen {
    String[] parts = wrapped.split(":", -1);
    if (parts.length != 3 || !parts[0].equals(FORM)) {
      throw new DoesNotOpen("it is not what the master key " + name + " wraps");
    }
    if (!parts[1].equals(print)) {
      throw new DoesNotOpen(
          "it was wrapped with another key than the one called " + name + " now; restore that one");
    }
    byte[] sealed;
    try {
      sealed = Base64.getDecoder().decode(parts[2]);
    } catch (IllegalArgumentException e) {
      throw new DoesNotOpen("it was changed");
    }
    return Gcm.open(key, bound, sealed)
        .orElseThrow(() -> new DoesNotOpen("it was changed, or is not of that place"));
  }

  @Override
  public String toString() {
    return "master key " + name;
  }
}
