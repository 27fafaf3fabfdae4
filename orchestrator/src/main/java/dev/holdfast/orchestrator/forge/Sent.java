package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A call of a forge as it came, before anything of it is believed.
 *
 * @param headers by name, however it is written
 * @param body the very bytes that came
 */
public record Sent(Map<String, String> headers, byte[] body) {
  public Sent {
    var any = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    any.putAll(headers);
    headers = any;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /**
   * What tells one body from another. Forges' headers with the delivery's id are mostly not signed:
   * with a new one, a body that was overheard once could be sent again for ever.
   */
  public String digest() {
    return HexFormat.of().formatHex(Sha256.of(body));
  }

  /** {@code before}, a point and the body: what Standard Webhooks signs. */
  byte[] after(String before) {
    byte[] first = (before + ".").getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(first, first.length + body.length);
    System.arraycopy(body, 0, all, first.length, body.length);
    return all;
  }
}
