package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobUser;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Tier;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that lets strangers' pull requests run at once, within limits. */
class AtOnceTest {
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final Contributor STRANGER = new Contributor(FORGE.name(), "666", "stranger");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private String repository;
  private int number;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.PullRequest(List.of(), List.of(), List.of()),
                new Trigger.Manual(List.of())),
            List.of(
                Stage.job("test"), root(Stage.job("pack")), Stage.asking(Stage.job("deploy")))));
    repository = stage.atForge("app", FORGE, 7, ScriptedForge.COMMIT);
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private static Job root(Job plain) {
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
        plain.tier(),
        Optional.of(JobUser.ROOT),
        plain.services(),
        plain.approval(),
        plain.steps());
  }

  private Caller.Answer policy(String atOnce) throws Exception {
    return stage
        .admin()
        .call(
            "PUT",
            "/api/v1/policy",
            """
            {"hold-known": false, %s"floor": "container", "approval": {"count": 1, "own": false},
             "hold-for": "24h"}\
            """
                .formatted(atOnce)
                .getBytes(StandardCharsets.UTF_8));
  }

  /** A stranger's pull request at this commit, which changes no workflow. */
  private void request(CommitId head) {
    stage.deliver(
        new Event(
            "d" + ++number,
            repository,
            clock.instant(),
            Optional.of(STRANGER),
            new Happening.PullRequest(
                number,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                head,
                true)),
        List.of(new Lookup.Known<>(STRANGER)));
  }

  private static CommitId commit(int digit) {
    return new CommitId(Integer.toString(digit).repeat(40));
  }

  private record Worker(Caller caller, String id) {
    List<AgentApi.Lease> leases() throws Exception {
      return caller.lease(id, 4, Duration.ZERO);
    }

    List<AgentApi.Lease> some() {
      return await().until(this::leases, given -> !given.isEmpty());
    }
  }

  private Worker worker(String name, AgentApi.Backend backend) throws Exception {
    Caller caller = stage.agent(name);
    return new Worker(caller, caller.register(backend, name, 4, "linux").agent());
  }

  private static Clearance clearance(AgentApi.Lease lease) {
    return lease.cleared().orElseThrow().clearance().clearance();
  }

  @Test
  void aStrangersJobsRunWithinLimits_butForThoseThatAskForMore() throws Exception {
    assertThat(policy("\"at-once\": \"microvm\", ").status()).isEqualTo(200);
    Worker container = worker("container", AgentApi.Backend.CONTAINER);
    Worker microvm = worker("microvm", AgentApi.Backend.MICROVM);
    request(commit(2));

    List<AgentApi.Lease> given = microvm.some();
    assertThat(given).extracting(lease -> lease.job().key()).containsExactly("test");
    assertThat(clearance(given.getFirst()).limits()).isEqualTo(Limits.RESTRICTED);
    assertThat(clearance(given.getFirst()).floor()).isEqualTo(Tier.MICROVM);
    assertThat(clearance(given.getFirst()).jobs()).containsExactly(new Name("test"));
    microvm.caller().complete(given.getFirst(), new Outcome.Succeeded());
    assertThat(microvm.leases()).isEmpty();
    assertThat(container.leases()).isEmpty();

    var holds = stage.admin().get("/api/v1/holds");
    assertThat(holds.text())
        .contains("the job pack asks for more than a run gets that nobody approved")
        .contains("the job deploy waits for approval");
    for (int i = 0; i < 2; i++) {
      var hold = stage.admin().get("/api/v1/holds").at("holds.0.id");
      assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").at("state"))
          .isEqualTo("released");
    }
    // What people looked at may run behind the policy's ordinary floor, without the limits.
    List<AgentApi.Lease> released = container.some();
    assertThat(released)
        .extracting(lease -> lease.job().key())
        .containsExactlyInAnyOrder("pack", "deploy");
    for (AgentApi.Lease lease : released) {
      assertThat(clearance(lease).limits()).isEqualTo(Limits.NONE);
      assertThat(clearance(lease).floor()).isEqualTo(Tier.CONTAINER);
      assertThat(clearance(lease).by()).hasSize(1);
    }
  }

  @Test
  void anAgentOfAWeakerTierNeverGetsIt() throws Exception {
    assertThat(policy("\"at-once\": \"microvm\", ").status()).isEqualTo(200);
    Worker weak = worker("weak", AgentApi.Backend.CONTAINER);
    request(commit(2));
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/runs?repository=app").at("runs.0.state"))
                .isEqualTo("queued"));
    assertThat(weak.leases()).isEmpty();
    assertThat(policy("\"at-once\": \"container\", ").status()).isEqualTo(200);
    request(commit(3));
    assertThat(weak.some()).as("control").hasSize(1);
  }

  @Test
  void withoutTheOptionAllOfItWaits() throws Exception {
    Worker microvm = worker("microvm", AgentApi.Backend.MICROVM);
    request(commit(2));
    await().until(() -> stage.holds("app"), holds -> holds.containsKey(commit(2).value()));
    assertThat(microvm.leases()).isEmpty();
  }

  @Test
  void noTierIsNoWall() throws Exception {
    assertThat(policy("\"at-once\": \"none\", ").status()).isEqualTo(400);
  }

  @Test
  void aPolicyIsTriedOutBeforeItIsSet() throws Exception {
    request(commit(2));
    await().until(() -> stage.holds("app"), holds -> holds.containsKey(commit(2).value()));
    var tried =
        stage
            .admin()
            .post(
                "/api/v1/policy/test?events=10",
                "{\"hold-known\": false, \"at-once\": \"microvm\", \"floor\": \"container\","
                    + " \"approval\": {\"count\": 1, \"own\": false}, \"hold-for\": \"24h\"}");
    assertThat(tried.at("differences.0.now")).startsWith("waits for 1 approvals");
    assertThat(tried.at("differences.0.then"))
        .isEqualTo(
            "runs at once within limits, in tier microvm or stronger; jobs that ask for more wait");
  }

  @Test
  void whatIsStartedOverKeepsItsLimits_andIsSignedAnew() throws Exception {
    assertThat(policy("\"at-once\": \"container\", ").status()).isEqualTo(200);
    Worker worker = worker("one", AgentApi.Backend.CONTAINER);
    request(commit(2));
    AgentApi.Lease first = worker.some().getFirst();
    worker.caller().complete(first, new Outcome.Failed("only", 1));
    String run = first.run();
    assertThat(stage.admin().post("/api/v1/runs/" + run + "/cancel", "{}").status())
        .isEqualTo(200);
    clock.pass(Duration.ofDays(8));
    assertThat(clock.instant()).isAfter(clearance(first).until());
    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": false}")
                .status())
        .isEqualTo(200);
    AgentApi.Lease again = worker.some().getFirst();
    assertThat(again.run()).isEqualTo(run);
    assertThat(clearance(again).limits()).isEqualTo(Limits.RESTRICTED);
    assertThat(clearance(again).floor()).isEqualTo(clearance(first).floor());
    assertThat(clearance(again).jobs()).containsExactly(new Name("test"));
    assertThat(clearance(again).until()).isAfter(clock.instant());
  }

  /** What stands in the database is only signed anew if it was signed by this server before. */
  @Test
  void whoLoosensAClearanceInTheDatabaseHasItNeverSigned() throws Exception {
    assertThat(policy("\"at-once\": \"container\", ").status()).isEqualTo(200);
    Worker worker = worker("one", AgentApi.Backend.CONTAINER);
    request(commit(2));
    AgentApi.Lease first = worker.some().getFirst();
    worker.caller().complete(first, new Outcome.Failed("only", 1));
    assertThat(stage.admin().post("/api/v1/runs/" + first.run() + "/cancel", "{}").status())
        .isEqualTo(200);
    write(
        "UPDATE clearance SET body = replace(body, '\"egress\":\"listed\"',"
            + " '\"egress\":\"public\"')");
    assertThat(
            stage
                .admin()
                .post("/api/v1/runs/" + first.run() + "/rerun", "{\"failed-only\": false}")
                .status())
        .isEqualTo(200);
    AgentApi.Lease again = worker.some().getFirst();
    var signed = again.cleared().orElseThrow().clearance();
    assertThat(signed.signature())
        .as("no new signature over it")
        .isEqualTo(first.cleared().orElseThrow().clearance().signature());
    assertThat(signed.clearance().until()).isEqualTo(clearance(first).until());
  }

  private void write(String sql) throws Exception {
    try (var connection =
            java.sql.DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve("holdfast.db") + "?busy_timeout=10000");
        var statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  @Test
  void anApprovalThatSomebodyWroteIntoTheDatabaseIsNone() throws Exception {
    assertThat(
            stage
                .admin()
                .call(
                    "PUT",
                    "/api/v1/policy",
                    """
                    {"hold-known": false, "floor": "container", "hold-for": "24h",
                     "approval": {"count": 2, "own": false}}\
                    """
                        .getBytes(StandardCharsets.UTF_8))
                .status())
        .isEqualTo(200);
    Caller ann = approver("ann");
    String annsId = ann.get("/api/v1/whoami").at("user.id");
    Worker worker = worker("one", AgentApi.Backend.CONTAINER);
    request(commit(2));
    await().until(() -> stage.holds("app"), holds -> holds.containsKey(commit(2).value()));
    var holds = stage.admin().get("/api/v1/holds");
    String hold = holds.at("holds." + (holds.at("holds.0.job").equals("deploy") ? 1 : 0) + ".id");
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").at("state"))
        .isEqualTo("held");
    String admin = stage.admin().get("/api/v1/whoami").at("user.id");
    write(
        "INSERT INTO approval SELECT 'appr_forged', hold_id, '"
            + annsId
            + "', replace(body, '"
            + admin
            + "', '"
            + annsId
            + "'), signature, given_at FROM approval");
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").at("state"))
        .as("with a second one that nobody gave")
        .isEqualTo("held");
    assertThat(worker.leases()).isEmpty();
    assertThat(ann.post("/api/v1/holds/" + hold + "/approve", "{}").at("state"))
        .as("control")
        .isEqualTo("released");
  }

  private Caller approver(String name) throws Exception {
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
}
