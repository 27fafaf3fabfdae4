package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A workflow has one of its jobs wait for people. Time is the test's. */
class JobApprovalTest {
  private static final Outcome.Failed FAILED = new Outcome.Failed("only", 1);

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller agent;
  private String agentId;
  private Caller ann;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.Manual(List.of()),
                new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"), Stage.asking(Stage.job("deploy", "test")))));
    agent = stage.agent("one");
    agentId = agent.register("one", 4, "linux").agent();
    ann = user("ann");
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private Caller user(String name) throws Exception {
    Caller admin = stage.admin();
    assertThat(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}").status()).isEqualTo(201);
    assertThat(
            admin
                .post("/api/v1/grants", "{\"to\": \"" + name + "\", \"what\": \"approver\"}")
                .status())
        .isLessThan(300);
    return stage.caller(
        admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}").at("token"));
  }

  private String begun() throws Exception {
    return stage.run(stage.repository("app"), "ci");
  }

  private List<String> leased() throws Exception {
    return leases().stream().map(lease -> lease.job().key()).toList();
  }

  private List<AgentApi.Lease> leases() throws Exception {
    return agent.lease(agentId, 4, Duration.ZERO);
  }

  private void complete(String job, Outcome outcome) throws Exception {
    List<AgentApi.Lease> given = leases();
    assertThat(given).extracting(lease -> lease.job().key()).containsExactly(job);
    agent.complete(given.getFirst(), outcome);
  }

  private String state(String run) throws Exception {
    return stage.admin().get("/api/v1/runs/" + run).at("state");
  }

  /** The one hold that is open. */
  private Caller.Answer hold() throws Exception {
    var holds = stage.admin().get("/api/v1/holds");
    assertThat(holds.text()).contains("hold_");
    return stage.admin().get("/api/v1/holds/" + holds.at("holds.0.id"));
  }

  private Caller.Answer approve(Caller who, String hold) throws Exception {
    return who.post("/api/v1/holds/" + hold + "/approve", "{}");
  }

  @Test
  void itWaitsWhileWhatItNeedsRuns_andForSomebodyElseThanWhoStartedIt() throws Exception {
    String run = begun();
    Caller.Answer hold = hold();
    assertThat(hold.at("job")).isEqualTo("deploy");
    assertThat(hold.text()).contains("the job deploy waits for approval: deploys to production");
    complete("test", new Outcome.Succeeded());
    assertThat(leased()).isEmpty();
    assertThat(state(run)).isEqualTo("held");

    assertThat(approve(stage.admin(), hold.at("id")).status()).as("one's own").isEqualTo(403);
    assertThat(leased()).isEmpty();
    assertThat(approve(ann, hold.at("id")).at("state")).isEqualTo("released");
    complete("deploy", new Outcome.Succeeded());
    assertThat(state(run)).isEqualTo("succeeded");
    assertThat(stage.admin().get("/api/v1/audit?limit=100").text())
        .contains("hold.place")
        .contains("hold.release");
  }

  @Test
  void releasedBeforeItsTurnItStillWaitsForWhatItNeeds() throws Exception {
    String run = begun();
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    complete("test", new Outcome.Succeeded());
    complete("deploy", new Outcome.Succeeded());
    assertThat(state(run)).isEqualTo("succeeded");
  }

  @Test
  void whatDoesNotRunAnywayIsWaitedForByNobody() throws Exception {
    String run = begun();
    String hold = hold().at("id");
    complete("test", FAILED);
    assertThat(state(run)).isEqualTo("failed");
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state"))
                .isEqualTo("withdrawn"));
    assertThat(approve(ann, hold).status()).isEqualTo(409);
    assertThat(leased()).isEmpty();

    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": true}")
                .status())
        .isEqualTo(200);
    complete("test", new Outcome.Succeeded());
    assertThat(leased()).as("it waits anew").isEmpty();
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    complete("deploy", new Outcome.Succeeded());
    assertThat(state(run)).isEqualTo("succeeded");
  }

  @Test
  void rejectedItDoesNotRunAndNeitherDoesItExpired() throws Exception {
    String first = begun();
    assertThat(
            ann.post("/api/v1/holds/" + hold().at("id") + "/reject", "{\"reason\": \"not today\"}")
                .at("state"))
        .isEqualTo("rejected");
    complete("test", new Outcome.Succeeded());
    assertThat(leased()).isEmpty();
    assertThat(state(first)).isEqualTo("cancelled");

    String second = stage.run("app", "ci");
    complete("test", new Outcome.Succeeded());
    clock.pass(Duration.ofHours(73));
    await().untilAsserted(() -> assertThat(state(second)).isEqualTo("cancelled"));
    assertThat(leased()).isEmpty();
  }

  @Test
  void whoLetItHappenOnceDidNotLetItHappenTwice() throws Exception {
    String run = begun();
    String first = hold().at("id");
    approve(ann, first);
    complete("test", new Outcome.Succeeded());
    complete("deploy", new Outcome.Succeeded());
    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": false}")
                .status())
        .isEqualTo(200);
    complete("test", new Outcome.Succeeded());
    assertThat(leased()).isEmpty();
    assertThat(approve(ann, first).status()).as("the old one").isEqualTo(409);
    assertThat(hold().at("id")).isNotEqualTo(first);
    assertThat(approve(ann, hold().at("id")).at("state")).isEqualTo("released");
    complete("deploy", new Outcome.Succeeded());
  }

  @Test
  void whoReleasesAStrangersRunHasNotReleasedItsDeployment() throws Exception {
    var host = new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
    var stranger = new Contributor(host.name(), "666", "stranger");
    String repository = stage.atForge("lib", host, 7, ScriptedForge.COMMIT);
    stage.deliver(
        new Event(
            "d1",
            repository,
            clock.instant(),
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
    var holds =
        await()
            .until(
                () -> stage.admin().get("/api/v1/holds"),
                all -> all.text().split("\"id\":\"hold_", -1).length == 3);
    boolean first = !holds.at("holds.0.job").equals("deploy");
    String ofRun = holds.at("holds." + (first ? 0 : 1) + ".id");
    String ofJob = holds.at("holds." + (first ? 1 : 0) + ".id");
    assertThat(stage.admin().get("/api/v1/holds/" + ofJob).at("job")).isEqualTo("deploy");

    assertThat(approve(ann, ofJob).at("state")).isEqualTo("released");
    assertThat(leased()).as("the run itself was not released").isEmpty();
    assertThat(approve(ann, ofRun).at("state")).isEqualTo("released");
    complete("test", new Outcome.Succeeded());
    complete("deploy", new Outcome.Succeeded());
  }

  @Test
  void whoWritesIntoTheDatabaseThatItMayStart_startsNothing() throws Exception {
    String run = begun();
    String hold = hold().at("id");
    complete("test", new Outcome.Succeeded());
    for (String mark : List.of("HELD", "RELEASED")) {
      write("UPDATE hold SET state = '" + mark + "' WHERE id = '" + hold + "'");
      write("UPDATE job SET state = 'QUEUED' WHERE run_id = '" + run + "' AND job_key = 'deploy'");
      assertThat(leased()).as(mark).isEmpty();
    }
    assertThat(approve(ann, hold).at("state")).as("control").isEqualTo("released");
    complete("deploy", new Outcome.Succeeded());
  }

  private void write(String sql) throws Exception {
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("holdfast.db"));
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }
}
