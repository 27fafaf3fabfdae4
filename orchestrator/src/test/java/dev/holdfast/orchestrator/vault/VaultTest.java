package dev.holdfast.orchestrator.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of a Vault, against a double of it, which is itself held against what is published. */
class VaultTest {
  /*
   * The samples of developer.hashicorp.com/vault/api-docs/secret/transit ("Encrypt Data", "Decrypt
   * Data") and .../kv/kv-v2 ("Read Secret Version"), as far as their shape goes.
   */
  private static final String ENCRYPTED = "{\"data\": {\"ciphertext\": \"vault:v1:XjsPWPjqPrBi\"}}";
  private static final String DECRYPTED =
      "{\"data\": {\"plaintext\": \"dGhlIHF1aWNrIGJyb3duIGZveAo=\"}}";
  private static final String SECRET =
      """
      {"data": {"data": {"foo": "bar"},
                "metadata": {"created_time": "2018-03-22T02:24:06.945319214Z",
                             "custom_metadata": {"owner": "jdoe"}, "deletion_time": "",
                             "destroyed": false, "version": 2}}}
      """;

  private VaultDouble vault;
  private Vault here;

  @BeforeEach
  void begin() throws IOException {
    vault = new VaultDouble();
    here = at(vault.address(), VaultDouble.TOKEN);
  }

  private static Vault at(URI address, String token) {
    return new Vault("main", address, Optional.empty(), () -> token, Duration.ofSeconds(2));
  }

  @AfterEach
  void end() {
    here.close();
    vault.close();
  }

  /** Every place in a document, with the kind of what stands there. */
  private static Set<String> shape(String path, Json json) {
    var out = new TreeSet<String>();
    switch (json) {
      case Json.Obj(var fields) ->
          fields.forEach((name, value) -> out.addAll(shape(path + "." + name, value)));
      default -> out.add(path + " " + json.getClass().getSimpleName());
    }
    return out;
  }

  private String raw(String method, String path, String body) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(vault.address() + path))
              .header("X-Vault-Token", VaultDouble.TOKEN)
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void theDoubleAnswersInThePublishedShape() throws Exception {
    String encrypted =
        raw(
            "POST",
            "/v1/transit/encrypt/my-key",
            "{\"plaintext\": \"dGhlIHF1aWNrIGJyb3duIGZveAo=\"}");
    assertThat(shape("", JsonText.parse(encrypted)))
        .isEqualTo(shape("", JsonText.parse(ENCRYPTED)));
    String ciphertext = encrypted.replaceAll(".*\"(vault:v1:[^\"]+)\".*", "$1");
    String decrypted =
        raw("POST", "/v1/transit/decrypt/my-key", "{\"ciphertext\": \"" + ciphertext + "\"}");
    assertThat(JsonText.parse(decrypted)).isEqualTo(JsonText.parse(DECRYPTED));
    vault.secrets.put("secret/my-secret", Map.of("foo", "bar"));
    Set<String> published = shape("", JsonText.parse(SECRET));
    published.removeIf(place -> place.contains("custom_metadata"));
    Set<String> ours = shape("", JsonText.parse(raw("GET", "/v1/secret/data/my-secret", "")));
    ours.removeIf(place -> place.contains("custom_metadata"));
    assertThat(ours).isEqualTo(published);
  }

  @Test
  void whatIsSentIsWhatIsPublished() throws Exception {
    String sealed = here.encrypt("transit", "my-key", new byte[] {1, 2}, new byte[] {3});
    assertThat(here.decrypt("transit", "my-key", sealed, new byte[] {3})).containsExactly(1, 2);
    vault.secrets.put("kv/team/app one", Map.of("password", "pläin", "other", "x"));
    assertThat(here.field("kv", "team/app one", "password")).isEqualTo("pläin");
    assertThat(vault.asked)
        .containsExactly(
            "POST /v1/transit/encrypt/my-key",
            "POST /v1/transit/decrypt/my-key",
            "GET /v1/kv/data/team/app one");
    assertThat(JsonText.parse(vault.bodies.getFirst().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(JsonText.parse("{\"plaintext\": \"AQI=\", \"associated_data\": \"Aw==\"}"));
  }

  @Test
  void anotherPlaceOrAnotherKeyDoesNotOpen() throws Exception {
    String sealed = here.encrypt("transit", "my-key", new byte[] {1, 2}, new byte[] {3});
    assertThatThrownBy(() -> here.decrypt("transit", "my-key", sealed, new byte[] {4}))
        .isInstanceOfSatisfying(
            VaultFailed.class, e -> assertThat(e.kind()).isEqualTo(VaultFailed.Kind.WRONG));
    assertThatThrownBy(() -> here.decrypt("transit", "other", sealed, new byte[] {3}))
        .isInstanceOf(VaultFailed.class);
  }

  @Test
  void whatGoesWrongIsToldApartAndNeverHoldsTheToken() throws Exception {
    vault.secrets.put("kv/there", Map.of("a", "b"));
    fails(VaultFailed.Kind.MISSING, "has nothing there", () -> here.field("kv", "none", "a"));
    fails(VaultFailed.Kind.MISSING, "no text in the field", () -> here.field("kv", "there", "z"));
    vault.status = 503;
    fails(VaultFailed.Kind.AWAY, "answered 503", () -> here.field("kv", "there", "a"));
    vault.status = 307;
    fails(VaultFailed.Kind.AWAY, "answered 307", () -> here.field("kv", "there", "a"));
    vault.status = 0;
    vault.delay = 5000;
    fails(VaultFailed.Kind.AWAY, "did not answer within", () -> here.field("kv", "there", "a"));
    vault.delay = 0;
    try (Vault other = at(vault.address(), "wrong-token-canary")) {
      fails(VaultFailed.Kind.REFUSED, "does not let", () -> other.field("kv", "there", "a"));
    }
    try (Vault other = at(vault.address(), "bad\ntoken-canary")) {
      fails(VaultFailed.Kind.AWAY, "is not a token", () -> other.field("kv", "there", "a"));
    }
    try (Vault other = at(URI.create("http://127.0.0.1:1"), "token-canary")) {
      fails(VaultFailed.Kind.AWAY, "nothing listens", () -> other.field("kv", "there", "a"));
    }
    assertThat(here.field("kv", "there", "a")).isEqualTo("b");
  }

  private static void fails(
      VaultFailed.Kind kind,
      String why,
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VaultFailed.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.line()).startsWith("the vault main ").contains(why);
              for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                assertThat(String.valueOf(cause)).doesNotContain("canary");
              }
            });
  }

  @Test
  void noPathLeadsElsewhere() {
    for (String path : new String[] {"../sys/seal", "a//b", "/a", "a/", "", "a/./b"}) {
      assertThatThrownBy(() -> here.field("kv", path, "a"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> here.field("kv", "a?version=1#x", "a"))
        .isInstanceOf(VaultFailed.class);
    assertThat(vault.asked).containsExactly("GET /v1/kv/data/a?version=1#x");
  }
}
