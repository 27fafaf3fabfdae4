package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/** Opens what earlier releases sealed, with the master key itself. Thread-safe. */
final class OldSeal {
  private static final byte VERSION = 1;
  private static final int KEY_ID_BYTES = 4;

  private final byte[] key;

  private OldSeal(byte[] key) {
    this.key = key;
  }

  /** With the key in {@code file}, which is there. */
  static OldSeal open(Path file) throws IOException {
    byte[] key = KeyFile.open(file, KeyFile.random(Gcm.KEY_BYTES));
    if (key.length != Gcm.KEY_BYTES) {
      throw new IOException("the key " + file + " is damaged; restore it from a backup");
    }
    return new OldSeal(key);
  }

  String open(String sealed, String place) {
    ByteBuffer all;
    try {
      all = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
    } catch (IllegalArgumentException e) {
      throw new Seal.Broken(place, e);
    }
    if (all.remaining() < 1 + KEY_ID_BYTES || all.get() != VERSION) {
      throw new Seal.Broken(place, null);
    }
    byte[] id = new byte[KEY_ID_BYTES];
    all.get(id);
    if (!Arrays.equals(id, Arrays.copyOf(Sha256.of(key), KEY_ID_BYTES))) {
      throw new Seal.Broken(place + " (it was sealed with another key)", null);
    }
    byte[] rest = new byte[all.remaining()];
    all.get(rest);
    return new String(
        Gcm.open(key, place.getBytes(StandardCharsets.UTF_8), rest)
            .orElseThrow(() -> new Seal.Broken(place, null)),
        StandardCharsets.UTF_8);
  }
}
