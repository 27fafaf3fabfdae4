package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.When;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases when agents race, die, come back late, or answers go missing. Time is the test's. */
class LeaseTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller one;
  private Caller two;
  private String idOne;
  private String idTwo;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    stage.repository("app");
    one = stage.agent("one");
    two = stage.agent("two");
    idOne = one.register("one", 2, "linux").agent();
    idTwo = two.register("two", 2, "linux").agent();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private Caller.Answer started(Caller agent, AgentApi.Lease lease) throws Exception {
    return agent.events(lease.attempt(), lease.fence(), 0, new AgentApi.AttemptEvent.Started(AT));
  }

  private static AgentApi.AttemptEvent.Finished finished(Outcome outcome) {
    return new AgentApi.AttemptEvent.Finished(AT, outcome, 0);
  }

  private String state(String run) throws Exception {
    return stage.admin().get("/api/v1/runs/" + run).at("state");
  }

  @Test
  void aJobGoesToOneOfManyAgentsThatAsk() throws Exception {
    int jobs = 20;
    for (int i = 0; i < jobs; i++) {
      stage.run("app", "ci");
    }
    var given = new ArrayList<String>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<Future<List<AgentApi.Lease>>>();
      for (int i = 0; i < 30; i++) {
        String name = "racer" + i;
        Caller racer = stage.agent(name);
        String id = racer.register(name, 1).agent();
        asked.add(threads.submit(() -> racer.lease(id, 1, AT_ONCE)));
      }
      for (Future<List<AgentApi.Lease>> answer : asked) {
        answer.get().forEach(lease -> given.add(lease.run()));
      }
    }
    assertThat(given).hasSize(jobs).doesNotHaveDuplicates();
  }

  @Test
  void aWaitingAgentIsWokenAtOnceAndOnlyByAJobItMayTake() throws Exception {
    stage.forge.define(
        Stage.workflow("ci", Stage.job("test")),
        Stage.workflow("gpu", Stage.job("big", Optional.empty(), List.of("gpu"))));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<AgentApi.Lease>> poll =
          threads.submit(() -> one.lease(idOne, 1, Duration.ofSeconds(30)));
      String gpu = stage.run("app", "gpu");
      assertThat(stage.admin().get("/api/v1/runs/" + gpu).at("jobs.0.reason"))
          .isEqualTo("waits for an agent with labels [gpu]; none has them all");
      assertThat(poll.isDone()).isFalse();
      String run = stage.run("app", "ci");
      assertThat(poll.get()).extracting(AgentApi.Lease::run).containsExactly(run);
    }
  }

  @Test
  void aLeaseThatIsNotRenewedIsLostAndTheLateAgentIsRefused() throws Exception {
    String run = stage.run("app", "ci");
    AgentApi.Lease first = one.lease(idOne, 1, SOON).getFirst();
    started(one, first);
    clock.pass(Duration.ofSeconds(20));
    assertThat(one.heartbeat(idOne, Caller.held(first)).lost()).isEmpty();
    clock.pass(Duration.ofSeconds(20));
    assertThat(two.lease(idTwo, 1, AT_ONCE)).as("a renewed lease holds").isEmpty();
    clock.pass(Duration.ofSeconds(20));

    AgentApi.Lease second = two.lease(idTwo, 1, SOON).getFirst();
    assertThat(second.run()).isEqualTo(run);
    assertThat(second.fence()).isGreaterThan(first.fence());
    assertThat(started(one, first).status()).isEqualTo(409);
    assertThat(one.log(first, 0, "late").status()).isEqualTo(409);
    assertThat(
            one.events(second.attempt(), second.fence(), 0, finished(new Outcome.Succeeded()))
                .status())
        .as("another agent's fence")
        .isEqualTo(409);
    assertThat(one.heartbeat(idOne, Caller.held(first)).lost()).containsExactly(first.attempt());
    two.complete(second, new Outcome.Succeeded());
    assertThat(state(run)).isEqualTo("succeeded");
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("jobs.0.attempts.0.state"))
        .isEqualTo("lost");
  }

  @Test
  void anAttemptThatItsAgentNeverEndsIsTakenFromIt() throws Exception {
    String run = stage.run("app", "ci");
    AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
    started(one, lease);
    for (int minutes = 0; minutes < 100; minutes++) {
      clock.pass(Duration.ofSeconds(29));
      assertThat(one.heartbeat(idOne, Caller.held(lease)).lost()).isEmpty();
      clock.pass(Duration.ofSeconds(29));
      assertThat(one.heartbeat(idOne, Caller.held(lease)).lost()).isEmpty();
    }
    clock.pass(Duration.ofMinutes(10));
    one.heartbeat(idOne, Caller.held(lease));
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/runs/" + run).at("jobs.0.attempts.0.reason"))
                .isEqualTo("its agent did not end it within the job's time limit"));
  }

  @Test
  void aLeaseWhoseAnswerWentMissingIsOfferedAgainNotDoubled() throws Exception {
    stage.run("app", "ci");
    AgentApi.Lease missed = one.lease(idOne, 1, SOON).getFirst();
    AgentApi.Lease again = one.lease(idOne, 1, AT_ONCE).getFirst();
    assertThat(again.attempt()).isEqualTo(missed.attempt());
    assertThat(again.fence()).isEqualTo(missed.fence());
    started(one, again);
    assertThat(one.lease(idOne, 1, AT_ONCE, Caller.held(again))).isEmpty();
  }

  @Test
  void anAgentThatForgotAnAttemptLosesItAtOnce() throws Exception {
    stage.run("app", "ci");
    AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
    started(one, lease);
    AgentApi.Lease again = one.lease(idOne, 1, SOON).getFirst();
    assertThat(again.attempt()).isNotEqualTo(lease.attempt());
    assertThat(again.number()).isEqualTo(2);
  }

  @Test
  void capacityIsTheAgentsOwnWord() throws Exception {
    for (int i = 0; i < 3; i++) {
      stage.run("app", "ci");
    }
    assertThat(one.lease(idOne, 10, SOON)).hasSize(2);
  }

  @Test
  void eventsSentTwiceCountOnce() throws Exception {
    String run = stage.run("app", "ci");
    AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
    var summary = new AgentApi.AttemptEvent.Summary(AT, "once");
    var begun = new AgentApi.AttemptEvent.Started(AT);
    for (int i = 0; i < 3; i++) {
      assertThat(one.events(lease.attempt(), lease.fence(), 0, begun, summary).at("next"))
          .isEqualTo("2");
    }
    assertThat(one.events(lease.attempt(), lease.fence(), 7, begun).at("next"))
        .as("a gap is not taken")
        .isEqualTo("2");
    for (int i = 0; i < 2; i++) {
      assertThat(
              one.events(
                      lease.attempt(), lease.fence(), 1, summary, finished(new Outcome.Succeeded()))
                  .at("next"))
          .isEqualTo("3");
    }
    assertThat(stage.admin().get("/api/v1/runs/" + run).at("summary")).isEqualTo("once");
  }

  @Test
  void aBrokenHostIsTriedThreeTimesWithAPause() throws Exception {
    String run = stage.run("app", "ci");
    for (int i = 1; i <= 3; i++) {
      AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
      assertThat(lease.number()).isEqualTo(i);
      one.events(lease.attempt(), lease.fence(), 0, finished(new Outcome.Broken("no disk")));
      assertThat(one.lease(idOne, 1, AT_ONCE)).as("at once").isEmpty();
      clock.pass(Duration.ofSeconds(10));
    }
    Caller.Answer shown = stage.admin().get("/api/v1/runs/" + run);
    assertThat(shown.at("state")).isEqualTo("failed");
    assertThat(shown.at("jobs.0.reason")).isEqualTo("no disk");
  }

  @Test
  void expiryAndFinishCannotBothCount() throws Exception {
    for (int round = 0; round < 10; round++) {
      String run = stage.run("app", "ci");
      AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
      started(one, lease);
      clock.pass(Duration.ofSeconds(31));
      Caller.Answer end =
          one.events(lease.attempt(), lease.fence(), 1, finished(new Outcome.Succeeded()));
      if (end.status() == 200) {
        assertThat(state(run)).isEqualTo("succeeded");
      } else {
        assertThat(end.status()).isEqualTo(409);
        AgentApi.Lease again = one.lease(idOne, 1, SOON).getFirst();
        assertThat(again.run()).isEqualTo(run);
        one.complete(again, new Outcome.Succeeded());
        assertThat(state(run)).isEqualTo("succeeded");
      }
    }
  }

  @Test
  void cancelEndsWhatWaitsTellsWhoRunsAndDoesNotWaitForTheDead() throws Exception {
    stage.forge.define(
        Stage.workflow(
            "ci",
            Stage.job("test"),
            Stage.job("after", Optional.of(When.ALWAYS), List.of(), "test")));
    String run = stage.run("app", "ci");
    AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
    started(one, lease);
    Caller.Answer cancelled = stage.admin().post("/api/v1/runs/" + run + "/cancel", "");
    assertThat(cancelled.at("cancelling")).isEqualTo("true");
    assertThat(cancelled.at("jobs.1.state")).isEqualTo("cancelled");
    assertThat(one.heartbeat(idOne, Caller.held(lease)).cancel()).containsExactly(lease.attempt());
    assertThat(one.events(lease.attempt(), lease.fence(), 1).at("cancel")).isEqualTo("true");
    clock.pass(Duration.ofSeconds(29));
    one.heartbeat(idOne, Caller.held(lease));
    clock.pass(Duration.ofSeconds(29));
    one.heartbeat(idOne, Caller.held(lease));
    assertThat(state(run)).isEqualTo("running");
    clock.pass(Duration.ofSeconds(29));
    await().untilAsserted(() -> assertThat(state(run)).isEqualTo("cancelled"));
    assertThat(stage.admin().post("/api/v1/runs/" + run + "/cancel", "").status()).isEqualTo(409);
    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": false}")
                .at("state"))
        .isEqualTo("queued");
  }

  @Test
  void aRestartGoesOnWithWhatAgentsHold() throws Exception {
    String run = stage.run("app", "ci");
    AgentApi.Lease lease = one.lease(idOne, 1, SOON).getFirst();
    started(one, lease);
    clock.pass(Duration.ofHours(1));
    stage.restart();
    Caller back = new Caller(stage.client, stage.port(), one.token());
    assertThat(back.heartbeat(idOne, Caller.held(lease)).lost()).isEmpty();
    back.events(lease.attempt(), lease.fence(), 1, finished(new Outcome.Succeeded()));
    assertThat(state(run)).isEqualTo("succeeded");
  }
}
