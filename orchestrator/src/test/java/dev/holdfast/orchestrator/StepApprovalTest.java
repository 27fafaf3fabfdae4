package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.StepClearance;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A workflow has a step wait for people. The agent is the test's, and so is the time. */
class StepApprovalTest {
  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller agent;
  private String agentId;
  private Caller ann;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(Stage.workflow("ci", twoSteps("deploy")));
    agent = stage.agent("one");
    agentId = agent.register("one", 4, "linux").agent();
    Caller admin = stage.admin();
    assertThat(admin.post("/api/v1/users", "{\"name\": \"ann\"}").status()).isEqualTo(201);
    assertThat(admin.post("/api/v1/grants", "{\"to\": \"ann\", \"what\": \"approver\"}").status())
        .isLessThan(300);
    ann =
        stage.caller(
            admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"ann\"}").at("token"));
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  /** A step that waits for nobody, and one that does. */
  private static Job twoSteps(String name) {
    Job plain = Stage.job(name);
    var steps = new ArrayList<Step>(plain.steps());
    steps.add(
        new Step.Command(
            "push it",
            "true",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.of(new JobApproval(1, Optional.of("deploys to production")))));
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
        steps);
  }

  private AgentApi.Lease begun() throws Exception {
    stage.run(stage.repository("app"), "ci");
    return leased();
  }

  private AgentApi.Lease leased() throws Exception {
    return await()
        .until(() -> agent.lease(agentId, 4, Duration.ZERO), given -> given.size() == 1)
        .getFirst();
  }

  private AgentApi.StepAnswer answer(AgentApi.Lease lease) throws Exception {
    Caller.Answer answer = agent.step(lease, 1);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return Records.read(AgentApi.StepAnswer.class, answer.text());
  }

  private Caller.Answer hold() throws Exception {
    var holds = stage.admin().get("/api/v1/holds");
    return stage.admin().get("/api/v1/holds/" + holds.at("holds.0.id"));
  }

  private Caller.Answer approve(Caller who, String hold) throws Exception {
    return who.post("/api/v1/holds/" + hold + "/approve", "{}");
  }

  private StepClearance cleared(AgentApi.Lease lease) throws Exception {
    assertThat(answer(lease)).isInstanceOf(AgentApi.StepAnswer.MayStart.class);
    return ((AgentApi.StepAnswer.MayStart) answer(lease)).clearance().clearance();
  }

  @Test
  void itWaitsFromItsTurnOn_forSomebodyElseThanWhoStartedIt() throws Exception {
    AgentApi.Lease lease = begun();
    assertThat(stage.admin().get("/api/v1/holds").text())
        .as("not its turn")
        .doesNotContain("hold_");
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    Caller.Answer hold = hold();
    assertThat(hold.at("job")).isEqualTo("deploy");
    assertThat(hold.at("step.number")).isEqualTo("2");
    assertThat(hold.at("step.name")).isEqualTo("push it");
    assertThat(hold.text())
        .contains(
            "the step \\\"push it\\\" of job deploy waits for approval: deploys to production");
    assertThat(stage.admin().get("/api/v1/runs/" + lease.run()).at("state")).isEqualTo("running");

    assertThat(approve(stage.admin(), hold.at("id")).status()).as("one's own").isEqualTo(403);
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(approve(ann, hold.at("id")).at("state")).isEqualTo("released");
    StepClearance clearance = cleared(lease);
    assertThat(clearance.run()).isEqualTo(lease.run());
    assertThat(clearance.step()).isEqualTo(1);
    assertThat(clearance.by()).containsExactly(ann.get("/api/v1/whoami").at("user.id"));
    assertThat(clearance.definition())
        .isEqualTo(lease.cleared().orElseThrow().clearance().clearance().definition());
    assertThat(stage.admin().get("/api/v1/audit?limit=100").text())
        .contains("hold.place")
        .contains("hold.release");
  }

  @Test
  void aStepThatWaitsForNobodyIsNotAskedFor() throws Exception {
    assertThat(agent.step(begun(), 0).status()).isEqualTo(409);
  }

  @Test
  void anotherAgentOrALateOneIsToldNothing() throws Exception {
    AgentApi.Lease lease = begun();
    Caller other = stage.agent("other");
    other.register("other", 1, "linux");
    assertThat(other.step(lease, 1).status()).isEqualTo(409);
    agent.complete(lease, new Outcome.Failed("only", 1));
    assertThat(agent.step(lease, 1).status()).isEqualTo(409);
    assertThat(stage.admin().get("/api/v1/holds").text()).doesNotContain("hold_");
  }

  @Test
  void rejectedItEndsWithTheReason() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    assertThat(
            ann.post("/api/v1/holds/" + hold().at("id") + "/reject", "{\"reason\": \"not today\"}")
                .at("state"))
        .isEqualTo("rejected");
    assertThat(answer(lease))
        .isEqualTo(new AgentApi.StepAnswer.Ends("its approval was refused: not today"));
    assertThat(stage.admin().get("/api/v1/runs/" + lease.run()).at("state"))
        .as("its agent ends it")
        .isEqualTo("running");
  }

  @Test
  void itWaitsForADayAtMost_andItsAgentIsGivenThatTime() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    String hold = hold().at("id");
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    // As if its agent said every second that it lives.
    write("UPDATE attempt SET lease_until = " + Long.MAX_VALUE);
    clock.pass(Duration.ofHours(23));
    assertThat(answer(lease))
        .as("beyond the job's hour")
        .isEqualTo(new AgentApi.StepAnswer.Waits());
    clock.pass(Duration.ofMinutes(61));
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state"))
                .isEqualTo("expired"));
    assertThat(answer(lease)).isInstanceOf(AgentApi.StepAnswer.Ends.class);
  }

  @Test
  void whatIsOverWaitsNoMore() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    String hold = hold().at("id");
    agent.complete(lease, new Outcome.Failed("the first step", 1));
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state"))
                .isEqualTo("withdrawn"));
    assertThat(approve(ann, hold).status()).isEqualTo(409);
  }

  @Test
  void cancelledItWaitsNoMore() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    String hold = hold().at("id");
    assertThat(stage.admin().post("/api/v1/runs/" + lease.run() + "/cancel", "{}").status())
        .isEqualTo(200);
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("withdrawn");
    // Not that it failed: its agent is told to stop.
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(agent.heartbeat(agentId, Caller.held(lease)).cancel())
        .containsExactly(lease.attempt());
    assertThat(stage.admin().get("/api/v1/holds").text())
        .as("and none anew")
        .doesNotContain("hold_");
  }

  @Test
  void startedOverItWaitsAnew() throws Exception {
    AgentApi.Lease first = begun();
    answer(first);
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    cleared(first);
    agent.complete(first, new Outcome.Succeeded());
    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + first.run() + "/rerun", "{\"failed-only\": false}")
                .status())
        .isEqualTo(200);
    AgentApi.Lease second = leased();
    assertThat(answer(second)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    cleared(second);
  }

  @Test
  void anotherTryOfABrokenAttemptNeedsNoOtherRelease() throws Exception {
    AgentApi.Lease first = begun();
    answer(first);
    approve(ann, hold().at("id"));
    agent.complete(first, new Outcome.Broken("the host went away"));
    clock.pass(Duration.ofMinutes(1));
    cleared(leased());
  }

  @Test
  void aPolicyThatChangesHasItWaitUnderTheNewOne() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    String old = hold().at("id");
    assertThat(
            stage
                .admin()
                .call(
                    "PUT",
                    "/api/v1/policy",
                    """
                    {"hold-known": false, "floor": "container", "hold-for": "2h",
                     "approval": {"count": 2, "own": false}}\
                    """
                        .getBytes(StandardCharsets.UTF_8))
                .status())
        .isEqualTo(200);
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    String now = hold().at("id");
    assertThat(now).isNotEqualTo(old);
    assertThat(approve(ann, old).status()).isEqualTo(409);
    assertThat(approve(ann, now).at("state")).as("one of two").isEqualTo("held");
  }

  @Test
  void aRightThatIsTakenBetweenTheClickAndTheStartCounts() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    assertThat(
            stage
                .admin()
                .post("/api/v1/grants/revoke", "{\"to\": \"ann\", \"what\": \"approver\"}")
                .status())
        .isLessThan(300);
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
  }

  @Test
  void whoWritesIntoTheDatabaseThatItWasReleased_hasNothingToShow() throws Exception {
    AgentApi.Lease lease = begun();
    answer(lease);
    String hold = hold().at("id");
    write("UPDATE hold SET state = 'RELEASED' WHERE id = '" + hold + "'");
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(approve(ann, hold).at("state")).as("control").isEqualTo("released");
    write("UPDATE hold SET clearance = NULL WHERE id = '" + hold + "'");
    assertThat(agent.step(lease, 1).status()).isEqualTo(409);
  }

  private void write(String sql) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve("holdfast.db") + "?busy_timeout=10000");
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  @Test
  void aJobAndOneOfItsStepsWaitEachForItself() throws Exception {
    stage.forge.define(Stage.workflow("ci", Stage.asking(twoSteps("deploy"))));
    String run = stage.run(stage.repository("app"), "ci");
    String ofJob = hold().at("id");
    assertThat(approve(ann, ofJob).at("state")).isEqualTo("released");
    AgentApi.Lease lease = leased();
    assertThat(lease.run()).isEqualTo(run);
    assertThat(answer(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    assertThat(List.of(ofJob)).doesNotContain(hold().at("id"));
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    cleared(lease);
  }
}
