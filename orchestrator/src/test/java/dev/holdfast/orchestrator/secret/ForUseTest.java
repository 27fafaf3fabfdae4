package dev.holdfast.orchestrator.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a secret is for is sealed with its value: whoever writes the database can neither have a job
 * given it nor send it to another host.
 */
class ForUseTest {
  private static final String VALUE = "Canary-7f3a9c0012";
  private static final SecretName API = new SecretName("API");
  private static final SecretUse OURS = use("https://api.example.com/v1/");
  private static final SecretUse THEIRS = use("https://attacker.example.net/");

  @TempDir Path folder;
  private SecretWorld world;

  private static SecretUse use(String url) {
    return SecretUse.parse(url, "Authorization: Bearer {}", SecretUse.READING, List.of());
  }

  @BeforeEach
  void begin() throws Exception {
    world = new SecretWorld(folder);
    set("API", OURS, VALUE);
  }

  @AfterEach
  void end() {
    world.close();
  }

  private long set(String name, SecretUse use, String value) {
    return world.secrets.setForUse(
        SecretWorld.APP,
        new SecretName(name),
        use,
        value.getBytes(UTF_8),
        "usr_1",
        SecretWorld.NOTHING);
  }

  /** What an attempt is answered of one: the value with its use, or why there is none. */
  private String answered(String name) {
    return switch (world.resolve(world.attempt(), name)) {
      case SecretDelivery.Answer.Refused(String reason, boolean _) -> "refused: " + reason;
      case SecretDelivery.Answer.Resolved(var given, var _) ->
          new String(given.getFirst().value(), UTF_8)
              + " "
              + given.getFirst().use().map(SecretUse::described).orElse("given");
    };
  }

  @Test
  void itIsResolvedWithWhatItIsFor_andThatIsOnRecord() {
    assertThat(answered("API")).isEqualTo(VALUE + " " + OURS.described());
    String attempt = world.attempt();
    world.resolve(attempt, "API");
    assertThat(world.onRecord(attempt))
        .singleElement()
        .asString()
        .contains("API is given for use alone: GET,HEAD https://api.example.com/v1/")
        .doesNotContain(VALUE);
  }

  @Test
  void aRowThatIsSaidToBeAValue_isForUseAllTheSame() throws Exception {
    assertThat(world.sql("UPDATE secret_version SET source = 'value'")).isEqualTo(1);
    assertThat(answered("API")).isEqualTo(VALUE + " " + OURS.described());
  }

  @Test
  void theUseOfAnotherRow_doesNotSendItElsewhere() throws Exception {
    set("THEIRS", THEIRS, "Canary-of-theirs-51d2");
    assertThat(answered("THEIRS")).as("the control").contains("attacker.example.net");
    world.sql(
        "UPDATE secret_version SET sealed = (SELECT sealed FROM secret_version JOIN secret ON"
            + " secret.id = secret_id WHERE name = 'THEIRS') WHERE secret_id = (SELECT id FROM"
            + " secret WHERE name = 'API')");
    assertThat(answered("API")).startsWith("refused: API").doesNotContain("attacker");
  }

  @Test
  void aChangedByte_givesNothing() throws Exception {
    String sealed =
        world.database.read(s ->
            s.first("SELECT sealed FROM secret_version", row -> row.text("sealed")).orElseThrow());
    // Whatever of it is changed: what the use is, or what the value is.
    for (int at = sealed.lastIndexOf('.') + 20; at < sealed.length() - 2; at += 7) {
      char other = sealed.charAt(at) == 'A' ? 'B' : 'A';
      world.sql(
          "UPDATE secret_version SET sealed = '"
              + sealed.substring(0, at)
              + other
              + sealed.substring(at + 1)
              + "'");
      assertThat(answered("API")).startsWith("refused: API");
    }
    world.sql("UPDATE secret_version SET sealed = '" + sealed + "'");
    assertThat(answered("API")).as("the control").startsWith(VALUE);
  }

  @Test
  void anOlderVersionComesBackWithWhatItWasFor() {
    set("API", THEIRS, "Canary-anew-8e0f73");
    assertThat(answered("API")).contains("attacker.example.net");
    world.secrets.rollback(SecretWorld.APP, API, 1, "usr_1", SecretWorld.NOTHING);
    assertThat(answered("API")).isEqualTo(VALUE + " " + OURS.described());
    assertThat(world.secrets.versions(SecretWorld.APP, API))
        .extracting(Secrets.Version::source)
        .containsOnly("use");
  }

  @Test
  void aValueThatWouldEndTheHeader_isRefused() {
    for (String bad : List.of("abcdefgh\r\nHost: other", "abcdefgh ijkl", "abcdefgh\u00e9")) {
      assertThatThrownBy(() -> set("API", OURS, bad))
          .isInstanceOf(SecretRefused.class)
          .hasMessageContaining("the value of API cannot be used")
          .message()
          .doesNotContain("abcdefgh");
    }
  }

  @Test
  void eachUseIsOnRecord_andOneOfASecretThatWasNotGivenAsRefused() {
    String attempt = world.attempt();
    world.resolve(attempt, "API");
    world.database.write(s -> {
      world.resolving.used(
          s,
          attempt,
          new AttemptEvent.SecretUsed(
              Instant.EPOCH, 2, API, "GET", "api.example.com", "/v1/users", 200));
      world.resolving.used(
          s,
          attempt,
          new AttemptEvent.SecretUsed(
              Instant.EPOCH, 2, new SecretName("OTHER"), "GET", "api.example.com", "/v1/", 0));
      return Optional.empty();
    });
    assertThat(world.onRecord(attempt))
        .anyMatch(line ->
            line.startsWith("secret.use DONE")
                && line.contains("API for GET api.example.com/v1/users, answered 200"))
        .anyMatch(line ->
            line.startsWith("secret.use REFUSED")
                && line.contains("OTHER for GET api.example.com/v1/, without an answer"));
  }
}
