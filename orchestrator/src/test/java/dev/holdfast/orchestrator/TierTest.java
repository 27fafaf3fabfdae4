package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No job ever goes to an agent with a weaker wall than the job or its repository wants. */
class TierTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration AT_ONCE = Duration.ZERO;

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.repository("app");
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private static Job job(Optional<Tier> tier) {
    Job plain = Stage.job("test");
    return new Job(
        plain.name(),
        plain.needs(),
        plain.runsOn(),
        plain.image(),
        plain.env(),
        plain.matrix(),
        plain.directory(),
        plain.when(),
        plain.timeout(),
        tier,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        plain.steps());
  }

  private void floor(String tier) throws Exception {
    var said =
        stage
            .admin()
            .post(
                "/api/v1/repositories",
                "{\"name\": \"app\", \"url\": \"/tmp/app.git\", \"floor\": \"" + tier + "\"}");
    assertThat(said.at("floor")).isEqualTo(tier);
  }

  private List<AgentApi.Lease> leases(Backend backend) throws Exception {
    String name = backend.name();
    Caller agent = stage.agent(name);
    return agent.lease(agent.register(backend, name, 5).agent(), 5, AT_ONCE);
  }

  private String reason(String run) throws Exception {
    return stage.admin().get("/api/v1/runs/" + run).at("jobs.0.reason");
  }

  @Test
  void aJobThatNoAgentMayTake_saysWhyAndWaitsForOneThatMay() throws Exception {
    stage.forge.define(Stage.workflow("ci", job(Optional.of(Tier.MICROVM))));
    String run = stage.run("app", "ci");
    assertThat(leases(Backend.PROCESS)).isEmpty();
    assertThat(leases(Backend.NAMESPACES)).isEmpty();
    assertThat(leases(Backend.CONTAINER)).isEmpty();
    assertThat(reason(run)).startsWith("no agent with tier microvm or stronger is known");
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("state")).isEqualTo("queued");
    assertThat(leases(Backend.MICROVM))
        .singleElement()
        .satisfies(lease -> assertThat(lease.tier()).contains(Tier.MICROVM));
  }

  @Test
  void theFloor_raisesAJobThatAsksForLessAlsoWhenItIsQueuedAlready() throws Exception {
    stage.forge.define(Stage.workflow("ci", job(Optional.of(Tier.NAMESPACES))));
    stage.run("app", "ci");
    floor("container");
    assertThat(leases(Backend.NAMESPACES)).isEmpty();
    stage.run("app", "ci");
    assertThat(leases(Backend.NAMESPACES)).isEmpty();
    assertThat(leases(Backend.CONTAINER)).hasSize(2);
  }

  @Test
  void withoutTierOrFloor_everyWallWillDoButNotNone() throws Exception {
    stage.forge.define(
        Stage.workflow("ci", job(Optional.empty())),
        Stage.workflow("open", job(Optional.of(Tier.NONE))));
    stage.run("app", "ci");
    assertThat(leases(Backend.PROCESS)).isEmpty();
    assertThat(leases(Backend.NAMESPACES)).hasSize(1);
    stage.run("app", "open");
    assertThat(leases(Backend.PROCESS)).hasSize(1);
  }

  @Test
  void theImageOfAnAttempt_isShownAndGivenToTheNext() throws Exception {
    stage.forge.define(Stage.workflow("ci", job(Optional.empty())));
    String run = stage.run("app", "ci");
    Caller agent = stage.agent("one");
    String id = agent.register("one", 1).agent();
    AgentApi.Lease first = agent.lease(id, 1, AT_ONCE).getFirst();
    assertThat(first.pinned()).isEmpty();
    String pin = "team/a@sha256:" + "0".repeat(64);
    agent.events(
        first.attempt(),
        first.fence(),
        0,
        new AgentApi.AttemptEvent.Started(AT, Optional.of(pin), Map.of()),
        new AgentApi.AttemptEvent.Finished(AT, new Outcome.Broken("for the test"), 0));
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("jobs.0.attempts.0.image"))
        .isEqualTo(pin);
    clock.pass(Duration.ofMinutes(10));
    assertThat(agent.lease(id, 1, AT_ONCE).getFirst().pinned()).contains(pin);
  }
}
