package dev.holdfast.forgedouble;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A webhook, as it is sent.
 *
 * @param id of this sending; a forge gives one that is sent again the same
 * @param signature as this kind of forge writes it, or nothing
 */
public record Delivery(
    Kind kind, String url, String event, String id, String body, String signature) {
  /** When all of GitLab's were sent, in seconds. */
  private static final String TIME = "1767225600";

  /** The same, with other words and the old signature. */
  public Delivery altered(String from, String to) {
    if (!body.contains(from)) {
      throw new IllegalArgumentException("nothing to alter: no " + from + " in " + body);
    }
    return new Delivery(kind, url, event, id, body.replace(from, to), signature);
  }

  /** The same, unsigned. */
  public Delivery unsigned() {
    return new Delivery(kind, url, event, id, body, "");
  }

  /** The same, signed with this secret. */
  public Delivery signed(String secret) {
    return new Delivery(kind, url, event, id, body, signature(secret));
  }

  /** The same under another id and with the old signature. */
  public Delivery as(String otherId) {
    return new Delivery(kind, url, event, otherId, body, signature);
  }

  /** The headers that this kind of forge sends. */
  public Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", "application/json");
    switch (kind) {
      case GITHUB, GITEA -> {
        headers.put("X-GitHub-Event", event);
        headers.put("X-GitHub-Delivery", id);
        if (!signature.isEmpty()) {
          headers.put("X-Hub-Signature-256", signature);
        }
      }
      case GITLAB -> {
        headers.put("X-Gitlab-Event", event);
        headers.put("Idempotency-Key", id);
        if (!signature.isEmpty()) {
          headers.put("webhook-id", id);
          headers.put("webhook-timestamp", TIME);
          headers.put("webhook-signature", signature);
        }
      }
    }
    if (kind == Kind.GITEA) {
      headers.put("X-Gitea-Event", event);
      headers.put("X-Gitea-Delivery", id);
    }
    return headers;
  }

  private String signature(String secret) {
    return switch (kind) {
      case GITHUB, GITEA ->
          "sha256=" + HexFormat.of().formatHex(hmac(secret.getBytes(StandardCharsets.UTF_8), body));
      case GITLAB -> {
        if (!secret.startsWith("whsec_")) {
          throw new IllegalArgumentException("a signing token of GitLab starts with whsec_");
        }
        byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
        yield "v1," + Base64.getEncoder().encodeToString(hmac(key, id + "." + TIME + "." + body));
      }
    };
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
