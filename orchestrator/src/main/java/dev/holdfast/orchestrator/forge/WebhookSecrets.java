package dev.holdfast.orchestrator.forge;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that a webhook may be signed with: one, or while it is being changed the new one and
 * the old one. Thread-safe.
 */
public final class WebhookSecrets {
  private static final Pattern HEADER = Pattern.compile("sha256=[0-9a-f]{64}");

  /** Below this a secret can be guessed from one signed body. */
  private static final int SHORTEST = 16;

  private final List<Secret> secrets;

  /**
   * A secret.
   *
   * @param until from then on it is none; empty for the current one
   */
  public record Secret(String value, Optional<Instant> until) {
    public Secret {
      if (value.length() < SHORTEST) {
        throw new IllegalArgumentException(
            "the webhook's secret is shorter than "
                + SHORTEST
                + " characters; make one with openssl rand -hex 32");
      }
    }

    /** Not the secret itself: this may reach a log. */
    @Override
    public String toString() {
      return "a secret" + until.map(end -> " until " + end).orElse("");
    }
  }

  public WebhookSecrets(List<Secret> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException(
          "the webhook has no secret, so that anybody could send it; set one here and at GitHub");
    }
    this.secrets = List.copyOf(secrets);
  }

  /**
   * Why {@code body} is not to be believed; empty if one of the secrets signed it.
   *
   * @param body as it came, before anything read it
   * @param header the text of {@code X-Hub-Signature-256}, if it was sent
   */
  public Optional<String> refusal(byte[] body, Optional<String> header, Instant now) {
    if (header.isEmpty()) {
      return Optional.of("it is not signed; set the webhook's secret at GitHub");
    }
    if (!HEADER.matcher(header.get()).matches()) {
      return Optional.of("X-Hub-Signature-256 is not sha256= and 64 hex digits");
    }
    byte[] signature = HexFormat.of().parseHex(header.get().substring("sha256=".length()));
    boolean signed = false;
    for (Secret secret : secrets) {
      boolean counts = secret.until().map(now::isBefore).orElse(true);
      // Every secret is tried to the end, so that time does not tell which one it was.
      boolean same = MessageDigest.isEqual(hmac(secret, body), signature);
      signed = signed || (same && counts);
    }
    return signed
        ? Optional.empty()
        : Optional.of("none of the webhook's secrets signed it; compare them with GitHub's");
  }

  private static byte[] hmac(Secret secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.value().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
