package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Service;
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

/** Jobs with services go to agents with containers, and to no other. */
class ServiceLeaseTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.repository("app");
    Job plain = Stage.job("test");
    var database =
        new Service(
            "db",
            "postgres:17",
            Map.of(),
            List.of(),
            new Service.Ready.Port(5432, Optional.empty()));
    stage.forge.define(
        Stage.workflow(
            "ci",
            new Job(
                plain.name(),
                plain.needs(),
                plain.runsOn(),
                Optional.of("debian:12"),
                plain.env(),
                plain.matrix(),
                plain.directory(),
                plain.when(),
                plain.timeout(),
                plain.tier(),
                plain.user(),
                List.of(database),
                Optional.empty(),
                List.of(),
                plain.steps())));
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private List<AgentApi.Lease> leases(Backend backend) throws Exception {
    String name = backend.name();
    Caller agent = stage.agent(name);
    return agent.lease(agent.register(backend, name, 5).agent(), 5, Duration.ZERO);
  }

  @Test
  void onlyAnAgentWithContainersGetsIt() throws Exception {
    String run = stage.run("app", "ci");
    assertThat(leases(Backend.NAMESPACES)).isEmpty();
    assertThat(leases(Backend.MICROVM)).isEmpty();
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("jobs.0.reason"))
        .isEqualTo(
            "no agent with backend container is known, and services run beside containers only;"
                + " start one, or remove the job's services");
    assertThat(leases(Backend.CONTAINER))
        .singleElement()
        .satisfies(lease -> {
          assertThat(lease.job().job().services()).hasSize(1);
          assertThat(lease.servicePins()).isEmpty();
        });
  }

  @Test
  void theImagesOfItsServices_areShownAndGivenToTheNextAttempt() throws Exception {
    String run = stage.run("app", "ci");
    Caller agent = stage.agent("one");
    String id = agent.register(Backend.CONTAINER, "one", 1).agent();
    AgentApi.Lease first = agent.lease(id, 1, Duration.ZERO).getFirst();
    String pin = "postgres@sha256:" + "0".repeat(64);
    agent.events(
        first.attempt(),
        first.fence(),
        0,
        new AgentApi.AttemptEvent.Started(AT, Optional.empty(), Map.of("db", pin)),
        new AgentApi.AttemptEvent.Finished(AT, new Outcome.Broken("for the test"), 0));
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("jobs.0.attempts.0.services.db"))
        .isEqualTo(pin);
    clock.pass(Duration.ofMinutes(10));
    assertThat(agent.lease(id, 1, Duration.ZERO).getFirst().servicePins())
        .isEqualTo(Map.of("db", pin));
  }
}
