package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.job.Jobs;
import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.link.FakeOrchestrator;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole agent with real sandboxes, against an orchestrator that is only its protocol. */
@Timeout(180)
class AgentTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private AgentConfig config(URI server, String token, int capacity, Duration grace)
      throws Exception {
    return new AgentConfig(
        server,
        token,
        new Name("here"),
        "test",
        List.of(new Name("linux")),
        capacity,
        AgentConfig.BackendChoice.NAMESPACES,
        data,
        TestWorkshop.built().directory(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        JobNetwork.NONE,
        false,
        Limits.standard(),
        Limiting.ENFORCED,
        100_000_000,
        grace,
        AgentPolicy.standard());
  }

  private Agent open(FakeOrchestrator server, int capacity, Duration grace) throws Exception {
    return Agent.open(
        config(server.address(), "the-token", capacity, grace), Jobs.oneFile(), Clock.systemUTC());
  }

  private static Thread running(Agent agent) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            agent.run();
          } catch (AgentUnusable e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static Outcome outcome(FakeOrchestrator server, Lease lease) {
    await().atMost(Duration.ofMinutes(5)).until(() -> server.heard(lease.attempt()).over());
    return ((AttemptEvent.Finished) server.heard(lease.attempt()).events.getLast()).outcome();
  }

  private static String log(FakeOrchestrator server, Lease lease) {
    return server.heard(lease.attempt()).log.toString(StandardCharsets.UTF_8);
  }

  @Test
  void jobs_runSeveralAtATimeOverABadWay() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 2, Duration.ZERO)) {
      server.faults = 20;
      Thread thread = running(agent);
      var leases = new ArrayList<Lease>();
      for (int i = 0; i < 4; i++) {
        leases.add(Jobs.commands("echo job " + i, "seq 1 20000"));
        server.enqueue(leases.getLast());
      }
      for (int i = 0; i < 4; i++) {
        assertThat(outcome(server, leases.get(i))).isEqualTo(new Outcome.Succeeded());
        assertThat(log(server, leases.get(i))).startsWith("job " + i + "\n").endsWith("\n20000\n");
        assertThat(log(server, leases.get(i)).lines()).hasSize(20_001);
      }
      agent.stop();
      thread.join();
    }
    assertThat(data.resolve("job")).isEmptyDirectory();
  }

  @Test
  void cancel_comesWithAHeartbeat() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 1, Duration.ZERO)) {
      running(agent);
      Lease lease = Jobs.commands("echo up; sleep 600");
      server.enqueue(lease);
      await().atMost(Duration.ofSeconds(60)).until(() -> log(server, lease).equals("up\n"));
      server.cancel(lease.attempt());
      assertThat(outcome(server, lease)).isEqualTo(new Outcome.Cancelled());
      agent.stop();
    }
  }

  @Test
  void aLostLease_freesItsPlace() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 1, Duration.ZERO)) {
      running(agent);
      Lease lease = Jobs.commands("echo up; sleep 600");
      server.enqueue(lease);
      await().atMost(Duration.ofSeconds(60)).until(() -> log(server, lease).equals("up\n"));
      server.lose(lease.attempt());
      Lease next = Jobs.commands("echo next");
      server.enqueue(next);
      assertThat(outcome(server, next)).isEqualTo(new Outcome.Succeeded());
      agent.stop();
    }
  }

  @Test
  void stop_givesGraceAndThenReportsBroken() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 2, Duration.ofSeconds(3))) {
      Thread thread = running(agent);
      Lease shortOne = Jobs.commands("echo up; sleep 1");
      Lease longOne = Jobs.commands("echo up; sleep 600");
      server.enqueue(shortOne);
      server.enqueue(longOne);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> (log(server, shortOne) + log(server, longOne)).equals("up\nup\n"));
      agent.stop();
      thread.join();
      assertThat(outcome(server, shortOne)).isEqualTo(new Outcome.Succeeded());
      assertThat(outcome(server, longOne)).isEqualTo(new Outcome.Broken("the agent is stopping"));
      assertThat(data.resolve("job")).isEmptyDirectory();
    }
  }

  @Test
  void aServerThatIsAway_isWaitedFor() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 1, Duration.ZERO)) {
      server.away = true;
      running(agent);
      Thread.sleep(500);
      server.away = false;
      Lease lease = Jobs.commands("echo here");
      server.enqueue(lease);
      assertThat(outcome(server, lease)).isEqualTo(new Outcome.Succeeded());
      agent.stop();
    }
  }

  @Test
  void aWrongToken_isTheEnd() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent =
            Agent.open(
                config(server.address(), "wrong", 1, Duration.ZERO),
                Jobs.oneFile(),
                Clock.systemUTC())) {
      assertThatThrownBy(agent::run)
          .isInstanceOf(AgentUnusable.class)
          .hasMessageContaining("the token is not known")
          .hasMessageNotContaining("wrong");
    }
  }

  @Test
  void aSecondAgentOnTheSameDirectory_isRefused() throws Exception {
    try (var server = new FakeOrchestrator();
        var agent = open(server, 1, Duration.ZERO)) {
      assertThatThrownBy(() -> open(server, 1, Duration.ZERO))
          .isInstanceOf(AgentUnusable.class)
          .hasMessageContaining("another agent uses");
      assertThat(agent).isNotNull();
    }
  }

  @Test
  void whatAnEarlierAgentLeft_isRemovedAtStart() throws Exception {
    Path left = Files.createDirectories(data.resolve("job/att_old/workspace"));
    Files.writeString(left.resolve("x"), "x");
    try (var server = new FakeOrchestrator();
        var agent = open(server, 1, Duration.ZERO)) {
      assertThat(data.resolve("job")).isEmptyDirectory();
      assertThat(agent).isNotNull();
    }
  }
}
