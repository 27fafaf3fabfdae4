package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets over HTTP, and given to attempts of real runs. */
class SecretRouteTest {
  @TempDir Path data;

  private static String values(String... namesAndValues) {
    var out = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.append(out.isEmpty() ? "" : ", ")
          .append("\"" + namesAndValues[i] + "\": \"")
          .append(
              Base64.getEncoder()
                  .encodeToString(namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8)))
          .append('"');
    }
    return "{\"values\": {" + out + "}}";
  }

  private static String told(SecretDelivery.Answer answer) {
    return switch (answer) {
      case SecretDelivery.Answer.Refused(var reason, var _) -> "refused: " + reason;
      case SecretDelivery.Answer.Resolved(var given, var withheld) ->
          given.isEmpty()
              ? "withheld: " + withheld.getFirst().reason()
              : new String(given.getFirst().value(), StandardCharsets.UTF_8);
    };
  }

  private static SecretDelivery.Answer resolve(
      Stage stage, String agent, AgentApi.Lease lease, String... names) {
    return stage
        .secretDelivery()
        .resolve(
            new SecretDelivery.Ask(
                agent,
                lease.attempt(),
                lease.fence(),
                Stream.of(names)
                    .map(SecretName::new)
                    .collect(java.util.stream.Collectors.toSet())));
  }

  @Test
  void valuesGoInAndNeverComeOut() throws Exception {
    try (Stage stage =
        new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("build")))) {
      Caller admin = stage.admin();
      stage.repository("app");
      var answers = new ArrayList<Caller.Answer>();
      answers.add(
          admin.post(
              "/api/v1/secrets?repository=app",
              values("ONE", "Canary-4c1f", "TWO", "Canary-77ab")));
      assertThat(answers.getFirst().status()).as(answers.getFirst().text()).isEqualTo(201);
      assertThat(answers.getFirst().at("versions.ONE")).isEqualTo("1");
      answers.add(admin.post("/api/v1/secrets?repository=app", values("ONE", "Canary-9d02")));
      answers.add(admin.get("/api/v1/secrets?repository=app"));
      assertThat(answers.getLast().at("secrets.0.name")).isEqualTo("ONE");
      assertThat(answers.getLast().at("secrets.0.version")).isEqualTo("2");
      assertThat(answers.getLast().at("secrets.0.by")).isEqualTo("admin");
      answers.add(admin.get("/api/v1/secrets/ONE?repository=app"));
      assertThat(answers.getLast().at("versions.1.version")).isEqualTo("1");
      answers.add(admin.post("/api/v1/secrets/ONE/rollback?repository=app", "{\"version\": 1}"));
      assertThat(answers.getLast().at("versions.ONE")).isEqualTo("3");
      answers.add(admin.post("/api/v1/secrets/ONE/purge?repository=app", "{}"));
      assertThat(answers.getLast().text()).contains("[2,1]");
      answers.add(admin.get("/api/v1/secrets/ONE/seen-by?repository=app"));
      answers.add(admin.get("/api/v1/audit?limit=1000"));
      assertThat(answers.getLast().text())
          .contains("secret.set", "set ONE version 2", "secret.rollback", "secret.purge");
      answers.add(admin.get("/api/v1/master-keys"));
      answers.add(
          admin.post("/api/v1/secrets?repository=app", "{\"values\": {\"X\": \"Canary!\"}}"));
      assertThat(answers.getLast().status()).isEqualTo(400);
      answers.add(
          admin.post(
              "/api/v1/secrets?repository=app",
              "{\"values\": {\"Canary\": \"eA==\"}}".replace("Canary", "lower")));
      assertThat(answers.getLast().text()).contains("is not the name of a secret");
      answers.add(admin.post("/api/v1/secrets?repository=app", values("S", "Canary")));
      assertThat(answers.getLast().status()).isEqualTo(400);
      assertThat(answers.getLast().text()).contains("the value of S cannot be a secret");
      assertThat(admin.call("DELETE", "/api/v1/secrets/TWO?repository=app", new byte[0]).status())
          .isEqualTo(200);
      assertThat(answers).allSatisfy(answer -> assertThat(answer.text()).doesNotContain("Canary"));
    }
  }

  @Test
  void aTrustedRunIsGivenItsRepositorysAndItsOrganisations() throws Exception {
    try (Stage stage =
        new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("build")))) {
      Caller admin = stage.admin();
      var added =
          admin.post(
              "/api/v1/repositories",
              "{\"name\": \"app\", \"url\": \"/tmp/app.git\", \"organisation\": \"acme\"}");
      assertThat(added.status()).as(added.text()).isEqualTo(201);
      admin.post("/api/v1/secrets?repository=app", values("ONE", "Canary-4c1f"));
      admin.post(
          "/api/v1/secrets?organisation=acme", values("ONE", "Canary-wide", "W", "Canary-w-9"));
      Caller agent = stage.agent("agent");
      var registered = agent.register("agent", 1);
      stage.run("app", "ci");
      var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE"))).isEqualTo("Canary-4c1f");
      assertThat(told(resolve(stage, registered.agent(), lease, "W"))).isEqualTo("Canary-w-9");
      var seen = admin.get("/api/v1/secrets/ONE/seen-by?repository=app");
      assertThat(seen.at("seen.0.attempt")).isEqualTo(lease.attempt());
      assertThat(seen.at("seen.0.agent")).isEqualTo("agent");
      assertThat(admin.get("/api/v1/audit?what=secret").text())
          .contains("given ONE version 1 of repository/repo_");
      // Who raises the trust in the database, or takes the clearance of another run, gets nothing.
      sql("UPDATE clearance SET body = replace(body, '\"trusted\"', '\"known\"')");
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE")))
          .isEqualTo("withheld: what let it start is not signed by this installation");
      sql("UPDATE clearance SET body = replace(body, '\"known\"', '\"trusted\"')");
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE"))).isEqualTo("Canary-4c1f");
      sql("DELETE FROM clearance");
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE")))
          .isEqualTo("withheld: nothing is on record that let it start");
    }
  }

  private void sql(String sql) throws Exception {
    String url = "jdbc:sqlite:" + data.resolve("holdfast.db") + "?busy_timeout=10000";
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isPositive();
    }
  }

  @Test
  void aStrangersRunThatSomebodyReleasedIsGivenNoneOfItsRepositorys() throws Exception {
    try (Stage stage =
        new Stage(
            data,
            Clock.systemUTC(),
            new Workflow(
                new Name("ci"),
                List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
                List.of(Stage.job("build"))))) {
      Caller admin = stage.admin();
      String id =
          stage.atForge(
              "app",
              new Repository.Host(Repository.Kind.GITHUB, URI.create("https://forge.example")),
              7,
              ScriptedForge.COMMIT);
      admin.post("/api/v1/secrets?repository=app", values("ONE", "Canary-4c1f"));
      Caller agent = stage.agent("agent");
      var registered = agent.register("agent", 1);
      var stranger = new Contributor("github:forge.example", "666", "stranger");
      stage.deliver(
          new Event(
              "d1",
              id,
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
      var approved = admin.post("/api/v1/holds/" + hold + "/approve", "{}");
      assertThat(approved.status()).as(approved.text()).isEqualTo(200);
      var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE")))
          .startsWith("withheld: its code is not trusted");
      sql("UPDATE run SET trust = 'TRUSTED'");
      assertThat(told(resolve(stage, registered.agent(), lease, "ONE")))
          .as("the trust in the database is not what counts")
          .startsWith("withheld: its code is not trusted");
    }
  }

  @Test
  void neitherTheDatabaseNorLogsHoldAnyOfTwentyCanaries() throws Exception {
    var canaries = new ArrayList<String>();
    for (int i = 0; i < 20; i++) {
      canaries.add(
          switch (i % 4) {
            case 0 -> "Canary-" + i + "-plain-5e1d";
            case 1 -> "Canary " + i + " with spaces and ünicode";
            case 2 -> "-----BEGIN KEY-----\nCanary" + i + "\nabcdef0123456789\n-----END KEY-----\n";
            default -> "{\"Canary" + i + "\": \"in-json\", \"n\": " + i + "}";
          });
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    var printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (Stage stage =
        new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("build")))) {
      Caller admin = stage.admin();
      stage.repository("app");
      var all = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        all.add("C" + i);
        all.add(canaries.get(i));
      }
      assertThat(
              admin
                  .post("/api/v1/secrets?repository=app", values(all.toArray(String[]::new)))
                  .status())
          .isEqualTo(201);
      Caller agent = stage.agent("agent");
      var registered = agent.register("agent", 1);
      stage.run("app", "ci");
      var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
      for (int i = 0; i < 20; i++) {
        assertThat(told(resolve(stage, registered.agent(), lease, "C" + i)))
            .startsWith(i < 20 ? canaries.get(i) : "refused");
      }
      // While it runs: the WAL holds what the database does not hold yet.
      assertThat(found(canaries, printed)).isEmpty();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(found(canaries, printed)).isEmpty();
    // The control: written there, it is found.
    Files.writeString(data.resolve("control"), "x" + canaries.get(7) + "x");
    assertThat(found(canaries, printed)).singleElement().asString().contains("control");
  }

  private List<String> found(List<String> canaries, ByteArrayOutputStream printed)
      throws Exception {
    var found = new ArrayList<String>();
    var places = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(data)) {
      files.filter(Files::isRegularFile).forEach(places::add);
    }
    assertThat(places).anyMatch(path -> path.endsWith("holdfast.db"));
    for (String Canary : canaries) {
      byte[] raw = Canary.getBytes(StandardCharsets.UTF_8);
      Set<String> forms =
          Set.of(
              new String(raw, StandardCharsets.ISO_8859_1),
              Base64.getEncoder().encodeToString(raw),
              HexFormat.of().formatHex(raw));
      for (Path place : places) {
        String text = new String(Files.readAllBytes(place), StandardCharsets.ISO_8859_1);
        forms.stream().filter(text::contains).forEach(form -> found.add(place + " has " + form));
      }
      String text = printed.toString(StandardCharsets.ISO_8859_1);
      forms.stream().filter(text::contains).forEach(form -> found.add("printed " + form));
    }
    return found;
  }

  @Test
  void theMasterKeyIsRotatedOverHttpAndTheOldOneMayGo() throws Exception {
    try (Stage stage =
        new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("build")))) {
      Caller admin = stage.admin();
      stage.repository("app");
      admin.post("/api/v1/secrets?repository=app", values("ONE", "Canary-4c1f"));
      var begun = admin.post("/api/v1/master-keys/rotation", "");
      assertThat(begun.status()).as(begun.text()).isEqualTo(202);
      assertThat(begun.at("rotation.master")).isEqualTo("master-2");
      var over =
          Awaitility.await()
              .until(
                  () -> admin.get("/api/v1/master-keys"), a -> a.text().contains("\"finished\""));
      assertThat(over.at("keys.1.name")).isEqualTo("master");
      assertThat(over.at("keys.1.may-go")).isEqualTo("true");
      assertThat(admin.get("/api/v1/audit?what=secret.rotate-master").text())
          .contains("begun", "finished");
      Files.delete(data.resolve("keys/master.key"));
      stage.restart();
      assertThat(stage.admin().get("/api/v1/secrets?repository=app").text()).contains("ONE");
    }
  }
}
