package dev.holdfast.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret for use, from who sets it to the agent that uses it, over HTTP. */
class ForUseRouteTest {
  private static final String VALUE = "Canary-7f3a9c0012";

  @TempDir Path data;

  private static Job job() {
    return new Job(
        new Name("deploy"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Step.Command(
                "only",
                "true",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("API_URL", new SecretName("API")),
                Optional.empty())));
  }

  private static String body(String url, String as) {
    return "{\"value\": \""
        + Base64.getEncoder().encodeToString(VALUE.getBytes(UTF_8))
        + "\", \"url\": \""
        + url
        + "\", \"as\": \""
        + as
        + "\", \"methods\": [\"GET\", \"POST\"]}";
  }

  private static Caller.Answer put(Caller caller, String body) throws Exception {
    return caller.call("PUT", "/api/v1/secrets/API/use?repository=app", body.getBytes(UTF_8));
  }

  @Test
  void anAgentIsGivenItWithWhatItIsFor_apartFromWhatJobsAreGiven_andSaysEachUse() throws Exception {
    try (Stage stage = new Stage(data, Clock.systemUTC(), Stage.workflow("ci", job()))) {
      Caller admin = stage.admin();
      stage.repository("app");
      Caller.Answer set =
          put(admin, body("https://api.example.com/v1/", "Authorization: Bearer {}"));
      assertThat(set.status()).as(set.text()).isEqualTo(201);
      assertThat(set.text()).doesNotContain(VALUE);
      assertThat(admin.get("/api/v1/secrets?repository=app").at("secrets.0.source"))
          .isEqualTo("use");

      Caller agent = stage.agent("agent");
      var registered = agent.register("agent", 1);
      stage.run("app", "ci");
      var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
      Caller.Answer answer =
          agent.post(
              "/agent/v1/attempts/" + lease.attempt() + "/secrets?fence=" + lease.fence(), "");
      var secrets = Records.read(AgentApi.Secrets.class, answer.text());
      assertThat(secrets.given()).isEmpty();
      assertThat(secrets.withheld()).isEmpty();
      assertThat(secrets.usable())
          .singleElement()
          .satisfies(one -> {
            assertThat(new String(Base64.getDecoder().decode(one.base64()), UTF_8))
                .isEqualTo(VALUE);
            assertThat(one.use().described())
                .isEqualTo("GET,POST https://api.example.com/v1/ as Authorization");
            assertThat(one.toString()).doesNotContain(one.base64());
          });

      var name = new SecretName("API");
      agent.events(
          lease.attempt(),
          lease.fence(),
          0,
          new AgentApi.AttemptEvent.SecretsHanded(Instant.now(), 0, List.of(name)),
          new AgentApi.AttemptEvent.SecretUsed(
              Instant.now(), 0, name, "POST", "api.example.com", "/v1/hooks", 201));
      assertThat(admin.get("/api/v1/audit?what=secret").text())
          .contains(
              "set, for use alone (GET,POST https://api.example.com/v1/ as Authorization), API",
              "API is given for use alone",
              "API for POST api.example.com/v1/hooks, answered 201")
          .doesNotContain(VALUE);
      assertThat(admin.get("/api/v1/secrets/API/seen-by?repository=app").at("seen.0.attempt"))
          .isEqualTo(lease.attempt());
    }
  }

  @Test
  void whatCannotBeKeptToOnePlace_isRefusedWithTheReason() throws Exception {
    try (Stage stage = new Stage(data, Clock.systemUTC(), Stage.workflow("ci", job()))) {
      Caller admin = stage.admin();
      stage.repository("app");
      for (String url :
          List.of("http://api.example.com/", "https://10.0.0.1/", "https://a.b/../")) {
        Caller.Answer answer = put(admin, body(url, "Authorization: Bearer {}"));
        assertThat(answer.status()).as(url).isEqualTo(400);
        assertThat(answer.text()).doesNotContain(VALUE);
      }
      // Whoever writes the value where its form belongs does not read it again.
      Caller.Answer answer =
          put(admin, body("https://api.example.com/", "Authorization: Bearer " + VALUE));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("one place for the value").doesNotContain(VALUE);
    }
  }
}
