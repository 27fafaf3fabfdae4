package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.Fault;
import dev.holdfast.forgedouble.ForgeDouble;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.approval.CommentCommand;
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
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A forge is told how runs stand, whatever becomes of it meanwhile. Time is the test's. */
class ReportsTest {
  private static final String HEAD = "2".repeat(40);

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private ForgeDouble forge;
  private Repo app;
  private Pull pull;
  private Stage stage;
  private String repository;
  private Contributor stranger;

  @BeforeEach
  void start() throws Exception {
    forge = ForgeDouble.start(Kind.GITHUB, folder.resolve("forge"));
    Account owner = forge.account("owner");
    app = forge.repository(owner, "app", false);
    forge.push(app, "main", owner, Map.of("file", "x\n"));
    forge.push(app, "topic", owner, Map.of("file", "y\n"));
    pull = forge.open(app, "main", app, "topic", owner);
    stage = new Stage(folder.resolve("data"), clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
    var added =
        stage
            .admin()
            .post(
                "/api/v1/forge-repositories",
                """
                {"name": "app", "kind": "github", "api": "%s", "repository": "owner/app",
                 "token": "%s"}
                """
                    .formatted(forge.api(), owner.token()));
    assertThat(added.status()).as(added.text()).isEqualTo(201);
    repository = added.at("id");
    var host = new Repository.Host(Repository.Kind.GITHUB, URI.create(forge.api()));
    stranger = new Contributor(host.name(), "666", "stranger");
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
    forge.close();
  }

  private void deliver(String to, long number, String head) {
    stage.deliver(
        new Event(
            "d" + number + "-" + System.nanoTime(),
            to,
            clock.instant(),
            Optional.of(stranger),
            new Happening.PullRequest(
                number,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                new CommitId(head),
                true)),
        List.of(new Lookup.Known<>(stranger)));
  }

  /** A stranger's pull request; answers the hold. */
  private String held() {
    deliver(repository, 1, HEAD);
    return await()
        .until(
            () -> {
              var holds = stage.admin().get("/api/v1/holds?repository=app");
              return holds.text().contains("hold_") ? holds.at("holds.0.id") : "";
            },
            id -> !id.isEmpty());
  }

  private void release(String hold) throws Exception {
    var approved = stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    Caller agent = stage.agent("one");
    String id = agent.register("one", 1, "linux").agent();
    agent.complete(agent.lease(id, 1, Duration.ZERO).getFirst(), new Outcome.Succeeded());
  }

  @Test
  void whatIsSaidLeadsToTheRunsPageWhereThatIsKnown() throws Exception {
    String hold = held();
    awaitTold(" pending held");
    assertThat(forge.links(app, HEAD)).as("control").containsOnly("");
    stage.restartAt(URI.create("https://ci.example.org"));
    String run = stage.admin().get("/api/v1/runs?repository=app").at("runs.0.id");
    release(hold);
    awaitTold(" success");
    assertThat(forge.links(app, HEAD)).contains("https://ci.example.org/runs/" + run);
  }

  private List<String> told() {
    return forge.statuses(app, HEAD);
  }

  private void awaitTold(String part) {
    await()
        .untilAsserted(() ->
            assertThat(told())
                .first()
                .asString()
                .startsWith("holdfast/ci (pull request)")
                .contains(part));
  }

  @Test
  void aForgeIsToldFromTheHoldToTheEnd() throws Exception {
    String hold = held();
    awaitTold(" pending held, needs approval: holdfast hold show app#1");
    release(hold);
    awaitTold(" success app#1 succeeded");
  }

  @Test
  void ofSeveralJobsEachIsTold() throws Exception {
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("build"), Stage.job("lint"), Stage.job("test", "build", "lint"))));
    String hold = held();
    awaitTold(" pending held");
    assertThat(told()).as("nothing of jobs that wait").hasSize(1);
    var approved = stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    Caller agent = stage.agent("one");
    String id = agent.register("one", 2, "linux").agent();
    var leases = agent.lease(id, 2, Duration.ZERO);
    assertThat(leases).hasSize(2);
    awaitOf("build", " pending app#1 build is running");
    awaitOf("lint", " pending app#1 lint is running");

    agent.complete(leases.getFirst(), new Outcome.Failed("step unit failed", 1));
    awaitOf("build", " failure app#1 build failed");
    assertThat(newest("holdfast/ci (pull request)")).as("its run goes on").contains(" pending ");
    agent.complete(leases.getLast(), new Outcome.Succeeded());
    awaitOf("lint", " success app#1 lint succeeded");
    await().until(() -> newest("holdfast/ci (pull request)").contains(" failure "));
    assertThat(told()).as("what never began").noneMatch(one -> one.startsWith("holdfast/ci/test"));
  }

  private String newest(String context) {
    return told().stream().filter(one -> one.startsWith(context + " ")).findFirst().orElse("");
  }

  private void awaitOf(String job, String part) {
    await().until(() -> newest("holdfast/ci/" + job + " (pull request)").contains(part));
  }

  @Test
  void whatIsNewerTakesThePlaceOfWhatWasNotToldYet() throws Exception {
    forge.fail("POST /repos/owner/app/statuses", Fault.BROKEN, 3);
    String hold = held();
    await().until(() -> forge.asked("/statuses/") == 1);
    release(hold);
    // Each try waits for its time, which only the test lets pass.
    for (int tries = 1; tries < 4; tries++) {
      int before = tries;
      await().until(() -> forge.asked("/statuses/") == before);
      clock.pass(Duration.ofSeconds(1L << tries));
      await().until(() -> forge.asked("/statuses/") > before);
    }
    awaitTold(" success ");
    assertThat(told()).as("only how it ended").hasSize(1);
  }

  @Test
  void whatWasNotToldIsToldAfterARestart() throws Exception {
    forge.fail("POST /repos/owner/app/statuses", Fault.BROKEN, 1);
    release(held());
    await().until(() -> forge.asked("/statuses/") == 1);
    assertThat(told()).isEmpty();
    stage.restart();
    clock.pass(Duration.ofMinutes(1));
    awaitTold(" success ");
  }

  @Test
  void aForgeThatIsGoneCrowdsOutNoOther() throws Exception {
    var gone = new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
    String dead = stage.atForge("dead", gone, 7, ScriptedForge.COMMIT);
    int more = 400; // than are looked at in one go, or in as many as the test waits for
    for (int number = 1; number <= more; number++) {
      deliver(dead, number, "%040x".formatted(number));
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() ->
            stage
                    .admin()
                    .get("/api/v1/holds?repository=dead&limit=1000")
                    .text()
                    .split("\"hold_", -1)
                    .length
                > more);
    // So that what is younger stands behind all of that.
    clock.pass(Duration.ofMillis(5));
    held();
    awaitTold(" pending ");
  }

  @Test
  void aForgeThatWantsToBeLeftAloneIs() throws Exception {
    forge.fail("POST /repos/owner/app/statuses", Fault.BUSY, 1);
    held();
    await().until(() -> forge.asked("/statuses/") == 1);
    // Control and proof in one: the sweeps of the next seconds ask nothing before the time passed.
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(5))
        .until(() -> forge.asked("/statuses/") == 1);
    clock.pass(Duration.ofSeconds(1));
    awaitTold(" pending ");
  }

  @Test
  void aCommentIsAnsweredOnceAlsoWhereTheAnswerToThatWasLost() throws Exception {
    held();
    forge.fail("POST /repos/owner/app/issues/1/comments", Fault.LOST, 1);
    stage.comment(
        "github:1",
        new Delivered.Commented(
            repository, pull.number(), 9, stranger, new CommentCommand.Approve(HEAD)));
    await().until(() -> forge.asked("POST /repos/owner/app/issues/1/comments") == 1);
    // It is counted as asked before it is written down.
    await()
        .untilAsserted(
            () -> assertThat(forge.comments(pull)).as("it was said, but that was lost").hasSize(1));
    clock.pass(Duration.ofSeconds(1));
    await().until(() -> forge.asked("GET /repos/owner/app/issues/1/comments") == 1);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(5))
        .until(() -> forge.comments(pull).size() == 1);
    assertThat(forge.comments(pull).getFirst())
        .startsWith("owner: <!-- holdfast ")
        .contains("Nothing was approved: no Holdfast user is linked to the account 666");
  }
}
