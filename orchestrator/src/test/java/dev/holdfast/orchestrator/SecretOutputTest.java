package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secret that one job puts out reaches those of its run that need it and name it. */
class SecretOutputTest {
  private static final String VALUE = "c4n4ry-0f3b77de91";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final SecretName TOKEN = new SecretName("token@build");

  @TempDir Path data;

  private static Job job(String name, List<String> needs, List<String> secrets, String... outputs) {
    var byVariable = new java.util.LinkedHashMap<String, SecretName>();
    secrets.forEach(one -> byVariable.put("V" + byVariable.size(), new SecretName(one)));
    return new Job(
        new Name(name),
        needs.stream().map(Name::new).toList(),
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
                byVariable,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Arrays.stream(outputs).map(Name::new).toList())));
  }

  private static Job[] jobs() {
    return new Job[] {
      job("build", List.of(), List.of(), "token"),
      job("deploy", List.of("build"), List.of("token@build", "ONE")),
      job("test", List.of("build"), List.of("ONE"))
    };
  }

  private static Caller.Answer put(Caller agent, AgentApi.Lease lease, String name, String value)
      throws Exception {
    return put(agent, lease.attempt(), lease.fence(), name, value);
  }

  private static Caller.Answer put(
      Caller agent, String attempt, long fence, String name, String value) throws Exception {
    var body =
        new AgentApi.SecretOutput(
            new Name(name),
            Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
    return agent.call(
        "POST",
        "/agent/v1/attempts/" + attempt + "/secret-outputs?fence=" + fence,
        Records.utf8(AgentApi.SecretOutput.class, body));
  }

  /** What the attempt is told of {@code name}: the value, or why it has none. */
  private static String told(Caller agent, AgentApi.Lease lease, SecretName name) throws Exception {
    Caller.Answer answer =
        agent.post("/agent/v1/attempts/" + lease.attempt() + "/secrets?fence=" + lease.fence(), "");
    if (answer.status() != 200) {
      return "refused: " + answer.at("error");
    }
    var secrets = Records.read(AgentApi.Secrets.class, answer.text());
    for (AgentApi.GivenSecret one : secrets.given()) {
      if (one.name().equals(name)) {
        return new String(Base64.getDecoder().decode(one.base64()), StandardCharsets.UTF_8);
      }
    }
    return secrets.withheld().stream()
        .filter(one -> one.name().equals(name))
        .map(one -> "withheld: " + one.reason())
        .findFirst()
        .orElse("not named");
  }

  private int sql(String sql) throws Exception {
    String url = "jdbc:sqlite:" + data.resolve("holdfast.db") + "?busy_timeout=10000";
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static AgentApi.Lease named(List<AgentApi.Lease> leases, String key) {
    return leases.stream().filter(one -> one.job().key().equals(key)).findFirst().orElseThrow();
  }

  @Test
  void theJobThatNeedsAndNamesIt_isGivenIt_onRecord_andItStandsNowhere() throws Exception {
    try (Stage stage = new Stage(data, new ManualClock(), Stage.workflow("ci", jobs()))) {
      stage.repository("app");
      Caller agent = stage.agent("one");
      String id = agent.register("one", 4).agent();
      String run = stage.run("app", "ci");
      AgentApi.Lease build = agent.lease(id, 4, SOON).getFirst();

      Caller.Answer kept = put(agent, build, "token", VALUE);
      assertThat(kept.status()).as(kept.text()).isEqualTo(200);
      assertThat(kept.at("name")).isEqualTo("token");
      assertThat(put(agent, build, "token", VALUE).status()).as("said again").isEqualTo(200);
      agent.events(
          build.attempt(),
          build.fence(),
          0,
          new AgentApi.AttemptEvent.Output(
              Instant.now(), new Name("plain"), "c4n4ry-plain-5511aa"));
      // What it was, it stays: neither another name, nor one that nobody could mask.
      assertThat(put(agent, build, "other", VALUE).text())
          .contains("no step of its job says that the output other is secret");
      assertThat(put(agent, build, "token", "abc").text()).contains("cannot be a secret");
      assertThat(put(agent, build.attempt(), build.fence() + 1, "token", VALUE).status())
          .isEqualTo(409);
      Caller two = stage.agent("two");
      two.register("two", 1);
      assertThat(put(two, build, "token", VALUE).status()).isEqualTo(409);
      assertThat(put(stage.admin(), build, "token", VALUE).status()).isEqualTo(403);
      agent.good(
          agent.events(
              build.attempt(),
              build.fence(),
              1,
              new AgentApi.AttemptEvent.Finished(Instant.now(), new Outcome.Succeeded(), 0)),
          AgentApi.EventsTaken.class);
      assertThat(put(agent, build, "token", VALUE).status()).as("over").isEqualTo(409);

      List<AgentApi.Lease> later = agent.lease(id, 4, SOON);
      AgentApi.Lease deploy = named(later, "deploy");
      assertThat(deploy.outputs())
          .isEqualTo(Map.of("build", Map.of("plain", "c4n4ry-plain-5511aa")));
      assertThat(told(agent, deploy, TOKEN)).isEqualTo(VALUE);
      assertThat(told(agent, named(later, "test"), TOKEN)).isEqualTo("not named");

      Caller admin = stage.admin();
      var answers = new ArrayList<Caller.Answer>();
      answers.add(admin.get("/api/v1/secrets/token@build/seen-by?repository=app"));
      assertThat(answers.getFirst().at("seen.0.attempt")).isEqualTo(deploy.attempt());
      answers.add(admin.get("/api/v1/audit?what=secret&limit=100"));
      assertThat(answers.getLast().text())
          .contains(
              "secret.output", "kept token", "given token@build of attempt " + build.attempt());
      answers.add(admin.get("/api/v1/runs/" + run));
      assertThat(answers.getLast().text()).as("the control").contains("c4n4ry-plain-5511aa");
      answers.add(admin.get("/api/v1/secrets?repository=app"));
      assertThat(answers)
          .allSatisfy(answer -> {
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.text()).doesNotContain(VALUE);
          });
      assertThat(found("c4n4ry-plain-5511aa")).as("the control").isNotEmpty();
      assertThat(found(VALUE)).isEmpty();

      // With the repository it goes.
      admin.post("/api/v1/runs/" + run + "/cancel", "");
      assertThat(admin.call("DELETE", "/api/v1/repositories/app", new byte[0]).status())
          .isEqualTo(200);
      assertThat(sql("UPDATE secret_output SET put_at = 0")).isZero();
    }
  }

  private List<String> found(String word) throws Exception {
    byte[] raw = word.getBytes(StandardCharsets.UTF_8);
    List<String> forms =
        List.of(word, Base64.getEncoder().encodeToString(raw), HexFormat.of().formatHex(raw));
    var found = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        forms.stream().filter(text::contains).forEach(form -> found.add(form + " in " + file));
      }
    }
    return found;
  }

  @Test
  void aPlainOutputThatPoses_aRowOfAnotherRun_andOneThatWasChanged_giveNothing() throws Exception {
    try (Stage stage = new Stage(data, new ManualClock(), Stage.workflow("ci", jobs()))) {
      stage.repository("app");
      Caller agent = stage.agent("one");
      String id = agent.register("one", 8).agent();
      stage.run("app", "ci");
      AgentApi.Lease first = agent.lease(id, 1, SOON).getFirst();
      assertThat(put(agent, first, "token", VALUE).status()).isEqualTo(200);
      agent.complete(first, new Outcome.Succeeded());
      List<AgentApi.Lease> both = agent.lease(id, 2, SOON);
      AgentApi.Lease deploy = named(both, "deploy");
      agent.complete(named(both, "test"), new Outcome.Succeeded());
      assertThat(told(agent, deploy, TOKEN)).as("the control").isEqualTo(VALUE);

      // A run whose build says it in the open: an older agent, or one that was broken into.
      stage.run("app", "ci");
      AgentApi.Lease open = agent.lease(id, 1, SOON, Caller.held(deploy)).getFirst();
      agent.events(
          open.attempt(),
          open.fence(),
          0,
          new AgentApi.AttemptEvent.Output(Instant.now(), new Name("token"), "p0se-as-a-token"),
          new AgentApi.AttemptEvent.Finished(Instant.now(), new Outcome.Succeeded(), 0));
      AgentApi.Lease posed = named(agent.lease(id, 2, SOON, Caller.held(deploy)), "deploy");
      assertThat(told(agent, posed, TOKEN))
          .isEqualTo("withheld: the job build put out no secret of this name in its last try");

      // Who writes the database copies what another run put out, or writes a text of their own.
      assertThat(
              sql(
                  "INSERT INTO secret_output SELECT '"
                      + open.attempt()
                      + "', name, sealed, put_at FROM secret_output WHERE attempt_id = '"
                      + first.attempt()
                      + "'"))
          .isOne();
      assertThat(told(agent, posed, TOKEN)).startsWith("refused: token@build of attempt");
      assertThat(
              sql(
                  "UPDATE secret_output SET sealed = 'p0se-as-a-token' WHERE attempt_id = '"
                      + open.attempt()
                      + "'"))
          .isOne();
      assertThat(told(agent, posed, TOKEN)).startsWith("refused: token@build of attempt");
      assertThat(stage.admin().get("/api/v1/audit?what=secret.resolve&limit=100").text())
          .contains("refused", "token@build of attempt " + open.attempt() + " is not given");
      assertThat(told(agent, deploy, TOKEN)).as("the untouched one").isEqualTo(VALUE);
    }
  }

  @Test
  void aStrangersRun_isGivenWhatItPutOutItself_andNothingThatIsKept() throws Exception {
    try (Stage stage =
        new Stage(
            data,
            Clock.systemUTC(),
            new Workflow(
                new Name("ci"),
                List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
                List.of(jobs())))) {
      Caller admin = stage.admin();
      String repository =
          stage.atForge(
              "app",
              new Repository.Host(Repository.Kind.GITHUB, URI.create("https://forge.example")),
              7,
              ScriptedForge.COMMIT);
      admin.post(
          "/api/v1/secrets?repository=app",
          "{\"values\": {\"ONE\": \""
              + Base64.getEncoder()
                  .encodeToString("c4n4ry-kept-20aa".getBytes(StandardCharsets.UTF_8))
              + "\"}}");
      Caller agent = stage.agent("one");
      String id = agent.register("one", 4).agent();
      var stranger = new Contributor("github:forge.example", "666", "stranger");
      stage.deliver(
          new Event(
              "d1",
              repository,
              Instant.now(),
              Optional.of(stranger),
              new Happening.PullRequest(
                  5,
                  PullRequestAction.OPENED,
                  new RefName("main"),
                  ScriptedForge.COMMIT,
                  new RefName("topic"),
                  new CommitId("2".repeat(40)),
                  true)),
          List.of(new Lookup.Known<>(stranger)));
      String hold =
          Awaitility.await()
              .until(() -> stage.holds("app"), holds -> !holds.isEmpty())
              .values()
              .iterator()
              .next();
      assertThat(admin.post("/api/v1/holds/" + hold + "/approve", "{}").status()).isEqualTo(200);
      AgentApi.Lease build = agent.lease(id, 1, SOON).getFirst();
      assertThat(put(agent, build, "token", VALUE).status()).isEqualTo(200);
      agent.complete(build, new Outcome.Succeeded());
      AgentApi.Lease deploy = named(agent.lease(id, 2, SOON), "deploy");
      assertThat(told(agent, deploy, TOKEN)).isEqualTo(VALUE);
      assertThat(told(agent, deploy, new SecretName("ONE")))
          .startsWith("withheld: its code is not trusted");
    }
  }
}
