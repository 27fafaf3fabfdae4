package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Seals as releases before secrets did: a version, four bytes of the key's hash, the rest. */
public final class OldSealed {
  private OldSealed() {}

  public static String seal(byte[] key, String text, String place) {
    byte[] sealed =
        Gcm.seal(
            key, place.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8));
    byte[] all = Arrays.copyOf(new byte[] {1}, 5 + sealed.length);
    System.arraycopy(Sha256.of(key), 0, all, 1, 4);
    System.arraycopy(sealed, 0, all, 5, sealed.length);
    return Base64.getEncoder().encodeToString(all);
  }
}
