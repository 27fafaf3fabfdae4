package dev.holdfast.forgedouble;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A webhook, as it is sent.
 *
 * @param id of this sending; a forge gives one that is sent again the same
 * @param signature as {@code sha256=…}, or nothing
 */
public record Delivery(String url, String event, String id, String body, String signature) {

  /** The same, with other words and the old signature. */
  public Delivery altered(String from, String to) {
    if (!body.contains(from)) {
      throw new IllegalArgumentException("nothing to alter: no " + from + " in " + body);
    }
    return new Delivery(url, event, id, body.replace(from, to), signature);
  }

  /** The same, unsigned. */
  public Delivery unsigned() {
    return new Delivery(url, event, id, body, "");
  }

  /** The same, signed with this secret. */
  public Delivery signed(String secret) {
    return new Delivery(url, event, id, body, signature(body, secret));
  }

  /** The same under another id. */
  public Delivery as(String otherId) {
    return new Delivery(url, event, otherId, body, signature);
  }

  static String signature(String body, String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return "sha256="
          + HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
