package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String OLD = "the old secret, 32 characters ok";
  private static final String NEW = "the new secret, 32 characters ok";
  private static final byte[] BODY = "{\"zen\":\"a\"}".getBytes(StandardCharsets.UTF_8);

  private static final WebhookSecrets ONE =
      new WebhookSecrets(List.of(new WebhookSecrets.Secret(NEW, Optional.empty())));
  private static final WebhookSecrets BOTH =
      new WebhookSecrets(
          List.of(
              new WebhookSecrets.Secret(NEW, Optional.empty()),
              new WebhookSecrets.Secret(OLD, Optional.of(NOW))));

  @Test
  void theExampleOfGitHubsDocumentation() {
    var secrets =
        new WebhookSecrets(
            List.of(new WebhookSecrets.Secret("It's a Secret to Everybody", Optional.empty())));
    assertThat(
            secrets.refusal(
                "Hello, World!".getBytes(StandardCharsets.UTF_8),
                Optional.of(
                    "sha256=" + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
                NOW))
        .isEmpty();
  }

  @Test
  void whatAnySecretSignedIsBelieved() {
    assertThat(ONE.refusal(BODY, signed(NEW, BODY), NOW)).isEmpty();
    assertThat(BOTH.refusal(BODY, signed(NEW, BODY), NOW)).isEmpty();
  }

  @Test
  void anOldSecretCountsUntilItsEnd() {
    assertThat(BOTH.refusal(BODY, signed(OLD, BODY), NOW.minusMillis(1))).isEmpty();
    assertThat(BOTH.refusal(BODY, signed(OLD, BODY), NOW)).isPresent();
    assertThat(ONE.refusal(BODY, signed(OLD, BODY), NOW.minusMillis(1))).isPresent();
  }

  @Test
  void everyByteOfTheBodyAndEveryDigitOfTheSignatureCounts() {
    String signature = signed(NEW, BODY).orElseThrow();
    for (int i = 0; i < BODY.length; i++) {
      byte[] altered = BODY.clone();
      altered[i] ^= 1;
      assertThat(ONE.refusal(altered, Optional.of(signature), NOW)).isPresent();
    }
    for (int i = "sha256=".length(); i < signature.length(); i++) {
      char other = signature.charAt(i) == '0' ? '1' : '0';
      String altered = signature.substring(0, i) + other + signature.substring(i + 1);
      assertThat(ONE.refusal(BODY, Optional.of(altered), NOW)).isPresent();
    }
  }

  @Test
  void anUnsignedOneIsNotBelieved() {
    assertThat(ONE.refusal(BODY, Optional.empty(), NOW))
        .contains("it is not signed; set the webhook's secret at GitHub");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256=", "sha1=0123456789", "sha256=zz", "SHA256=00"})
  void norOneWithSomethingElseInThatPlace(String header) {
    assertThat(ONE.refusal(BODY, Optional.of(header), NOW))
        .hasValueSatisfying(why -> assertThat(why).contains("64 hex digits"));
  }

  private static final WebhookSecrets STANDARD =
      new WebhookSecrets(
          List.of(
              new WebhookSecrets.Secret(
                  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Optional.of(NOW))));

  private static Sent standard(String id, String time, String signature, String body) {
    return new Sent(
        Map.of("Webhook-Id", id, "Webhook-Timestamp", time, "Webhook-Signature", signature),
        body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # the example of Standard Webhooks, and what differs from it
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | true
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | true
          msg_p5jXN8AQM9LWM0D4loKWxJeK | 1614265330 | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | false
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265331 | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | false
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232315} | false
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | false
          msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | false
          msg.p5jXN8AQM9LWM0D4loKWxJek | 161426533x | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= | {"test": 2432232314} | false
          """)
  void standardWebhooksAreBelievedByTheirExample(
      String id, String time, String signature, String body, boolean good) {
    Sent sent = standard(id, time, signature, body);
    assertThat(STANDARD.standardRefusal(sent, NOW.minusMillis(1)).isEmpty()).isEqualTo(good);
    assertThat(STANDARD.standardRefusal(sent, NOW)).as("the secret is over").isPresent();
  }

  @Test
  void aTokenIsTheSecretItself() {
    assertThat(BOTH.tokenRefusal(Optional.of(NEW), NOW)).isEmpty();
    assertThat(BOTH.tokenRefusal(Optional.of(OLD), NOW.minusMillis(1))).isEmpty();
    assertThat(BOTH.tokenRefusal(Optional.of(OLD), NOW)).isPresent();
    assertThat(BOTH.tokenRefusal(Optional.of(""), NOW)).isPresent();
    assertThat(BOTH.tokenRefusal(Optional.empty(), NOW)).isPresent();
  }

  @Test
  void whatGitLabSignsIsNotBelievedForShowingTheSecretAsWell() {
    var gitlab = new dev.holdfast.orchestrator.forge.gitlab.GitLab(new Calls());
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    assertThat(gitlab.refusal(ONE, new Sent(Map.of("x-gitlab-token", NEW), body), NOW)).isEmpty();
    assertThat(
            gitlab.refusal(
                ONE,
                new Sent(Map.of("X-Gitlab-Token", NEW, "webhook-signature", "v1,AAAA"), body),
                NOW))
        .isPresent();
  }

  @Test
  void noSecretAndAShortOneAreRefused() {
    assertThatThrownBy(() -> new WebhookSecrets(List.of())).hasMessageContaining("no secret");
    assertThatThrownBy(() -> new WebhookSecrets.Secret("short", Optional.empty()))
        .hasMessageContaining("shorter than 16")
        .hasMessageNotContaining("short,");
    assertThat(new WebhookSecrets.Secret(NEW, Optional.empty()).toString()).doesNotContain(NEW);
  }

  private static Optional<String> signed(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Optional.of("sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
