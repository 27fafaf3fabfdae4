package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.Contact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a job, as people and agents see it over HTTP. */
class JobLifeTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path data;
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, Clock.systemUTC());
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  @Test
  void aManualStartBecomesARunThatAnAgentDoes() throws Exception {
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    String repository = stage.repository("app");
    Caller agent = stage.agent("one");
    String id = agent.register("one", 2, "linux").agent();

    String run = stage.run(repository, "ci");
    List<AgentApi.Lease> leases = agent.lease(id, 1, SOON);
    assertThat(leases).hasSize(1);
    AgentApi.Lease lease = leases.getFirst();
    assertThat(lease.run()).isEqualTo(run);
    assertThat(lease.source().commit()).isEqualTo(ScriptedForge.COMMIT);
    assertThat(agent.log(lease, 0, "hello\n").status()).isEqualTo(200);
    assertThat(agent.log(lease, 0, "hello\nworld\n").at("length")).isEqualTo("12");
    assertThat(agent.log(lease, 99, "late").status()).isEqualTo(409);
    agent.complete(lease, new Outcome.Succeeded());

    Caller.Answer shown = stage.admin().get("/api/v1/runs/" + run + "/wait?timeout=5");
    assertThat(shown.at("state")).isEqualTo("succeeded");
    assertThat(shown.at("number")).isEqualTo("1");
    assertThat(shown.at("event.kind")).isEqualTo("manual");
    assertThat(shown.at("jobs.0.attempts.0.agent")).isEqualTo("one");
    assertThat(shown.at("jobs.0.attempts.0.steps.0.state")).isEqualTo("succeeded");
    assertThat(stage.admin().get("/api/v1/attempts/" + lease.attempt() + "/log?follow=true").text())
        .isEqualTo("hello\nworld\n");
  }

  @Test
  void whatAJobReachedIsKeptWithItsRun() throws Exception {
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    String repository = stage.repository("app");
    Caller agent = stage.agent("one");
    String id = agent.register("one", 2).agent();
    stage.run(repository, "ci");
    AgentApi.Lease lease = agent.lease(id, 1, SOON).getFirst();
    var now = java.time.Instant.now();
    var contacts =
        List.of(
            new Contact("203.0.113.7", Optional.of("repo.example"), "tcp", 443, 12, 3456, true),
            new Contact("10.0.0.1", Optional.empty(), "tcp", 22, 1, 60, false));
    for (int i = 0; i < 2; i++) {
      agent.events(
          lease.attempt(),
          lease.fence(),
          0,
          new AgentApi.AttemptEvent.Started(now),
          new AgentApi.AttemptEvent.Contacted(now, contacts),
          new AgentApi.AttemptEvent.Finished(now, new Outcome.Succeeded(), 0));
    }
    for (String of : List.of("attempts/" + lease.attempt(), "repositories/" + repository)) {
      Caller.Answer reached = stage.admin().get("/api/v1/" + of + "/contacts");
      assertThat(reached.at("contacts.0.address")).isEqualTo("10.0.0.1");
      assertThat(reached.at("contacts.0.allowed")).isEqualTo("false");
      assertThat(reached.at("contacts.1.name")).isEqualTo("repo.example");
      assertThat(reached.at("contacts.1.packets")).isEqualTo("12");
    }
  }

  @Test
  void aDiamondHandsOutputsOnAndEndsOnce() throws Exception {
    stage.forge.define(
        Stage.workflow(
            "ci",
            Stage.job("a"),
            Stage.job("b", "a"),
            Stage.job("c", "a"),
            Stage.job("d", "b", "c")));
    String repository = stage.repository("app");
    Caller agent = stage.agent("one");
    String id = agent.register("one", 4).agent();
    String run = stage.run(repository, "ci");

    AgentApi.Lease a = agent.lease(id, 4, SOON).getFirst();
    Instant at = Instant.now();
    agent.events(
        a.attempt(),
        a.fence(),
        0,
        new AgentApi.AttemptEvent.Output(at, new Name("version"), "1.2"),
        new AgentApi.AttemptEvent.Summary(at, "built"),
        new AgentApi.AttemptEvent.Finished(at, new Outcome.Succeeded(), 0));
    List<AgentApi.Lease> middle = agent.lease(id, 4, SOON);
    assertThat(middle).extracting(l -> l.job().key()).containsExactly("b", "c");
    assertThat(middle.getFirst().outputs()).isEqualTo(Map.of("a", Map.of("version", "1.2")));
    agent.complete(middle.get(0), new Outcome.Succeeded());
    agent.complete(middle.get(1), new Outcome.Failed("step only: exit code 3", 3));

    Caller.Answer shown = stage.admin().get("/api/v1/runs/" + run + "/wait?timeout=5");
    assertThat(shown.at("state")).isEqualTo("failed");
    assertThat(shown.at("jobs.3.state")).isEqualTo("skipped");
    assertThat(shown.at("outputs.a.version")).isEqualTo("1.2");
    assertThat(shown.at("summary")).isEqualTo("built");

    // Only what failed, and what needs it, is done again.
    Caller.Answer again =
        stage.admin().post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": true}");
    assertThat(again.status()).isEqualTo(200);
    AgentApi.Lease c = agent.lease(id, 4, SOON).getFirst();
    assertThat(c.job().key()).isEqualTo("c");
    assertThat(c.number()).isEqualTo(2);
    agent.complete(c, new Outcome.Succeeded());
    agent.complete(agent.lease(id, 4, SOON).getFirst(), new Outcome.Succeeded());
    Caller.Answer end = stage.admin().get("/api/v1/runs/" + run + "/wait?timeout=5");
    assertThat(end.at("state")).isEqualTo("succeeded");
    assertThat(end.at("reruns")).isEqualTo("1");
  }

  @Test
  void tokensOpenWhatTheyAreForAndNothingElse() throws Exception {
    assertThat(stage.caller("nonsense").get("/api/v1/runs").status()).isEqualTo(401);
    assertThat(stage.caller("nonsense").get("/healthz").status()).isEqualTo(200);
    Caller agent = stage.agent("one");
    assertThat(agent.get("/api/v1/runs").status()).isEqualTo(403);
    assertThat(stage.admin().post("/agent/v1/heartbeat", "{}").status()).isEqualTo(403);
    assertThat(stage.admin().get("/api/v1/runs").status()).isEqualTo(200);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("admin-token"))))
        .isEqualTo("rw-------");
    String secret = Files.readString(data.resolve("admin-token")).strip();
    for (String file : List.of("holdfast.db", "holdfast.db-wal")) {
      String kept = Files.readString(data.resolve(file), StandardCharsets.ISO_8859_1);
      assertThat(kept).as("a token's secret in %s", file).doesNotContain(secret);
    }
    String id = stage.admin().get("/api/v1/agent-tokens").at("tokens.0.id");
    agent.register("one", 1);
    assertThat(stage.admin().call("DELETE", "/api/v1/agent-tokens/" + id, new byte[0]).status())
        .isEqualTo(200);
    assertThat(agent.post("/agent/v1/heartbeat", "{}").status()).isEqualTo(401);
  }
}
