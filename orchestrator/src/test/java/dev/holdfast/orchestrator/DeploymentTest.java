package dev.holdfast.orchestrator;

import static dev.holdfast.orchestrator.EnvironmentStage.approve;
import static dev.holdfast.orchestrator.EnvironmentStage.in;
import static dev.holdfast.orchestrator.EnvironmentStage.push;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose turn it is in an environment. Time is the test's. */
class DeploymentTest {
  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private EnvironmentStage on;

  @BeforeEach
  void start() throws Exception {
    on = new EnvironmentStage(data, clock, in(Stage.job("deploy"), "production"));
  }

  @AfterEach
  void stop() throws Exception {
    on.close();
  }

  private String history() throws Exception {
    return on.stage
        .admin()
        .get("/api/v1/deployments?repository=app&name=production&limit=10")
        .text();
  }

  @Test
  void oneAtATime_inTheOrderInWhichTheyCame_withHistory() throws Exception {
    on.set("production", "{}");
    String first = on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    String second = on.run();
    String third = on.run();
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    assertThat(on.job(second, "deploy"))
        .isEqualTo("queued app#1/deploy is in the environment production");
    assertThat(on.job(third, "deploy"))
        .isEqualTo("queued app#1/deploy is in the environment production, and 1 more before it");
    var shown = on.stage.admin().get(EnvironmentStage.path("app", "production"));
    assertThat(shown.at("inside.0.what")).isEqualTo("app#1/deploy");
    assertThat(shown.at("inside.0.attempt")).isEqualTo(inside.attempt());
    assertThat(shown.at("inside.0.by.name")).isEqualTo("admin");
    assertThat(shown.at("waiting.0.run")).isEqualTo(second);
    assertThat(shown.at("waiting.1.run")).isEqualTo(third);

    on.agent.complete(inside, new Outcome.Failed("only", 1));
    AgentApi.Lease next = on.lease("deploy");
    assertThat(next.run()).isEqualTo(second);
    assertThat(on.job(second, "deploy")).isEqualTo("running null");
    on.complete(next);
    AgentApi.Lease last = on.lease("deploy");
    assertThat(last.run()).isEqualTo(third);
    on.complete(last);
    assertThat(history())
        .contains("\"state\":\"succeeded\"")
        .contains("\"state\":\"failed\"")
        .contains("\"what\":\"app#3/deploy\"");
    assertThat(on.state(first)).isEqualTo("failed");
  }

  @Test
  void whoIsCancelledInLine_leavesIt() throws Exception {
    on.set("production", "{}");
    on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    String second = on.run();
    String third = on.run();
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    on.stage.admin().post("/api/v1/runs/" + second + "/cancel", "{}");
    on.complete(inside);
    AgentApi.Lease next = on.lease("deploy");
    assertThat(next.run()).isEqualTo(third);
    on.complete(next);
    // Started over it stands at the end, and not where it stood.
    on.stage.admin().post("/api/v1/runs/" + second + "/rerun", "{\"failed-only\": false}");
    on.complete(on.lease("deploy"));
    assertThat(history()).contains("\"what\":\"app#2/deploy\"");
  }

  @Test
  void aNewerOneTakesThePlaceOfWhatWaits_onlyIfThatIsAskedFor() throws Exception {
    on.set("production", "{\"concurrency\": \"newest\"}");
    on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    String second = on.run();
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    String third = on.run();
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    assertThat(on.job(second, "deploy"))
        .isEqualTo("cancelled a newer deployment to production takes its place");
    assertThat(on.agent.heartbeat(on.agentId, Caller.held(inside)).cancel()).isEmpty();
    on.complete(inside);
    AgentApi.Lease next = on.lease("deploy");
    assertThat(next.run()).isEqualTo(third);
    on.complete(next);
  }

  @Test
  void aNewerOneStopsTheOlder_onlyIfThatIsAskedFor() throws Exception {
    on.set("production", "{\"concurrency\": \"cancel\"}");
    String first = on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    String second = on.run();
    assertThat(on.leased(Caller.held(inside))).as("not before the older one is gone").isEmpty();
    assertThat(on.agent.heartbeat(on.agentId, Caller.held(inside)).cancel())
        .containsExactly(inside.attempt());
    on.agent.complete(inside, new Outcome.Cancelled());
    AgentApi.Lease next = on.lease("deploy");
    assertThat(next.run()).isEqualTo(second);
    on.complete(next);
    assertThat(on.state(first)).isEqualTo("cancelled");
  }

  @Test
  void aLockThatCameBetweenApprovalAndStart_keepsOut() throws Exception {
    Caller ann = on.user("ann", "approver");
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false}}");
    String run = on.run();
    assertThat(approve(ann, on.holds(1).get("deploy")).at("state")).isEqualTo("released");
    on.lock("production", "the database moves");
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(run, "deploy"))
        .isEqualTo("queued the environment production is locked by admin: the database moves");
    assertThat(on.put(lockPath(), "{\"why\": \"again\"}").status()).as("once").isEqualTo(409);
    assertThat(on.put(lockPath(), "{\"why\": \"\"}").status()).isEqualTo(400);
    // Setting the rules anew opens no lock.
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false}}");
    assertThat(on.leased()).isEmpty();
    on.unlock("production");
    on.complete(on.lease("deploy"));
    assertThat(on.stage.admin().get("/api/v1/audit?limit=100").text())
        .contains("environment.lock")
        .contains("environment.unlock")
        .contains("deployment.begin");
  }

  private static String lockPath() {
    return EnvironmentStage.path("app", "production").replace("environment?", "environment/lock?");
  }

  @Test
  void aLockStopsNothingThatIsInside() throws Exception {
    on.set("production", "{\"concurrency\": \"cancel\"}");
    on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    on.lock("production", "moves");
    on.run();
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    assertThat(on.agent.heartbeat(on.agentId, Caller.held(inside)).cancel()).isEmpty();
    on.complete(inside);
    assertThat(on.leased()).isEmpty();
    on.unlock("production");
    on.complete(on.lease("deploy"));
  }

  @Test
  void aTimerHasItWaitSinceItCouldStart() throws Exception {
    on.set("production", "{\"timer\": \"10m\"}");
    String run = on.run();
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(run, "deploy"))
        .isEqualTo("queued waits until 2026-01-01T00:10:00Z, as its environment asks for");
    clock.pass(Duration.ofSeconds(599));
    assertThat(on.leased()).isEmpty();
    clock.pass(Duration.ofSeconds(1));
    on.complete(on.lease("deploy"));
  }

  @Test
  void anAgentThatIsGone_leavesTheEnvironmentToTheNextInLine() throws Exception {
    on.set("production", "{}");
    String first = on.run();
    on.heard(on.lease("deploy"));
    Caller other = on.stage.agent("two");
    String otherId = other.register("two", 5, "linux").agent();
    String second = on.run();
    assertThat(other.lease(otherId, 5, Duration.ZERO)).isEmpty();
    clock.pass(Duration.ofSeconds(31));
    AgentApi.Lease next =
        await()
            .until(() -> other.lease(otherId, 5, Duration.ZERO), leases -> !leases.isEmpty())
            .getFirst();
    assertThat(next.run()).as("the lost one stands in line anew").isEqualTo(second);
    other.complete(next, new Outcome.Succeeded());
    AgentApi.Lease again =
        await()
            .until(() -> other.lease(otherId, 5, Duration.ZERO), leases -> !leases.isEmpty())
            .getFirst();
    assertThat(again.run()).isEqualTo(first);
    other.complete(again, new Outcome.Succeeded());
  }

  @Test
  void anOrchestratorThatStartsAnew_knowsWhoIsInside() throws Exception {
    on.set("production", "{}");
    on.run();
    AgentApi.Lease inside = on.lease("deploy");
    on.heard(inside);
    String second = on.run();
    on.stage.restart();
    on.agent = on.stage.caller(on.agent.token());
    assertThat(on.leased(Caller.held(inside))).isEmpty();
    on.complete(inside);
    AgentApi.Lease next = on.lease("deploy");
    assertThat(next.run()).isEqualTo(second);
    on.complete(next);
  }

  /** Two runs and two agents that ask at the same instant, a hundred times. */
  @Test
  void ofTwoThatAskAtOnce_oneIsInside() throws Exception {
    assertThat(insideAtOnce("{}", 100)).containsOnly(1);
    assertThat(insideAtOnce("{\"concurrency\": \"together\"}", 5)).as("control").containsOnly(2);
  }

  private List<Integer> insideAtOnce(String rules, int rounds) throws Exception {
    on.set("production", rules);
    Caller other = on.stage.agent("two");
    String otherId = other.register("two", 5, "linux").agent();
    var inside = new ArrayList<Integer>();
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < rounds; round++) {
        String first = on.happens(push("main"));
        String second = on.happens(push("main"));
        List<Callable<List<AgentApi.Lease>>> asks =
            List.of(
                () -> on.agent.lease(on.agentId, 1, Duration.ZERO),
                () -> other.lease(otherId, 1, Duration.ZERO));
        var answers = threads.invokeAll(asks);
        List<AgentApi.Lease> one = answers.getFirst().get();
        List<AgentApi.Lease> two = answers.getLast().get();
        inside.add(one.size() + two.size());
        for (AgentApi.Lease lease : one) {
          on.complete(lease);
        }
        for (AgentApi.Lease lease : two) {
          other.complete(lease, new Outcome.Succeeded());
        }
        for (String run : List.of(first, second)) {
          on.stage.admin().post("/api/v1/runs/" + run + "/cancel", "{}");
        }
      }
    }
    return inside;
  }
}
