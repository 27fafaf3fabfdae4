package dev.holdfast.orchestrator.forge;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that a webhook may be signed with: one, or while it is being changed the new one and
 * the old one. Thread-safe.
 */
public final class WebhookSecrets {
  private static final Pattern HEADER = Pattern.compile("sha256=[0-9a-f]{64}");

  /** How Standard Webhooks writes a secret: this, and the base64 of the key. */
  public static final String STANDARD = "whsec_";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:-]{1,100}");
  private static final Pattern TIME = Pattern.compile("[0-9]{1,15}");

  /** A sender signs with its new key and its old one. */
  private static final int MOST_SIGNATURES = 8;

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
    return any(secret -> MessageDigest.isEqual(hmac(utf8(secret.value()), body), signature), now)
        ? Optional.empty()
        : Optional.of("none of the webhook's secrets signed it; compare them with GitHub's");
  }

  /**
   * Why {@code sent} is not to be believed by the rules of Standard Webhooks 1.0.0: {@code
   * webhook-signature} holds, among others perhaps, {@code v1,} and the base64 of an HMAC-SHA256
   * over {@code webhook-id}, {@code webhook-timestamp} and the body. How old it is does not matter,
   * since what has an id that came before does nothing.
   */
  public Optional<String> standardRefusal(Sent sent, Instant now) {
    Optional<String> id = sent.header("webhook-id");
    Optional<String> time = sent.header("webhook-timestamp");
    Optional<String> signatures = sent.header("webhook-signature");
    if (id.isEmpty() || time.isEmpty() || signatures.isEmpty()) {
      return Optional.of(
          "it is not signed: webhook-id, webhook-timestamp or webhook-signature is missing");
    }
    if (!ID.matcher(id.get()).matches() || !TIME.matcher(time.get()).matches()) {
      return Optional.of("webhook-id or webhook-timestamp is none");
    }
    byte[] signed = sent.after(id.get() + "." + time.get());
    List<byte[]> given =
        Arrays.stream(signatures.get().split(" "))
            .limit(MOST_SIGNATURES)
            .filter(one -> one.startsWith("v1,"))
            .map(one -> utf8(one.substring("v1,".length())))
            .toList();
    return any(
            secret -> {
              byte[] expected = utf8(Base64.getEncoder().encodeToString(hmac(key(secret), signed)));
              boolean same = false;
              for (byte[] one : given) {
                same |= MessageDigest.isEqual(expected, one);
              }
              return same;
            },
            now)
        ? Optional.empty()
        : Optional.of("none of the webhook's secrets signed it; compare them with the sender's");
  }

  /** Why a sender is not to be believed that shows the secret itself. */
  public Optional<String> tokenRefusal(Optional<String> shown, Instant now) {
    if (shown.isEmpty()) {
      return Optional.of("it is not signed, and shows no secret token; set one at the forge");
    }
    byte[] token = utf8(shown.get());
    return any(secret -> MessageDigest.isEqual(utf8(secret.value()), token), now)
        ? Optional.empty()
        : Optional.of("it shows none of the webhook's secrets; compare them with the forge's");
  }

  /** Every secret is tried to the end, so that time does not tell which one it was. */
  private boolean any(Predicate<Secret> vouches, Instant now) {
    boolean good = false;
    for (Secret secret : secrets) {
      boolean counts = secret.until().map(now::isBefore).orElse(true);
      good |= vouches.test(secret) && counts;
    }
    return good;
  }

  private static byte[] key(Secret secret) {
    String value = secret.value();
    return value.startsWith(STANDARD)
        ? Base64.getDecoder().decode(value.substring(STANDARD.length()))
        : utf8(value);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hmac(byte[] key, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
