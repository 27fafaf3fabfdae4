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
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits does not run; what is released is what was looked at. Time is the test's. */
class HoldTest {
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final Contributor STRANGER = new Contributor(FORGE.name(), "666", "stranger");
  private static final Contributor WRITER = new Contributor(FORGE.name(), "42", "writer");
  private static final CommitId BASE = ScriptedForge.COMMIT;

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller agent;
  private String agentId;
  private String repository;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.Push(List.of(), List.of(), List.of()),
                new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
    repository = stage.atForge("app", FORGE, 7, BASE);
    agent = stage.agent("one");
    agentId = agent.register("one", 2, "linux").agent();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private void request(CommitId head, PullRequestAction action, Contributor by, boolean fork) {
    request(head, BASE, action, by, fork);
  }

  private void request(
      CommitId head, CommitId base, PullRequestAction action, Contributor by, boolean fork) {
    stage.deliver(
        new Event(
            "d" + System.nanoTime(),
            repository,
            clock.instant(),
            Optional.of(by),
            new Happening.PullRequest(
                5, action, new RefName("main"), base, new RefName("topic"), head, fork)),
        List.of(new Lookup.Known<>(by)));
  }

  private static CommitId commit(int digit) {
    return new CommitId(Integer.toString(digit).repeat(40));
  }

  /** The id of the one hold that is open now. */
  private String hold() {
    return await()
        .until(
            () -> {
              var holds = stage.admin().get("/api/v1/holds");
              return holds.text().contains("hold_") ? holds.at("holds.0.id") : "";
            },
            id -> !id.isEmpty());
  }

  private List<AgentApi.Lease> leases() throws Exception {
    return agent.lease(agentId, 2, Duration.ZERO);
  }

  private String state(String run) throws Exception {
    return stage.admin().get("/api/v1/runs/" + run).at("state");
  }

  @Test
  void aStrangersPullRequestWaitsAndRunsOnceReleased() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String hold = hold();
    var shown = stage.admin().get("/api/v1/holds/" + hold);
    assertThat(shown.at("state")).isEqualTo("held");
    assertThat(shown.text()).contains("the commits come from a fork").contains("is not known");
    String run = shown.at("run");
    assertThat(state(run)).isEqualTo("held");
    assertThat(leases()).as("nothing of it is leased").isEmpty();

    var approved = stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    assertThat(approved.at("state")).isEqualTo("released");
    AgentApi.Lease lease = leases().getFirst();
    assertThat(lease.source().commit()).isEqualTo(commit(2));
    agent.complete(lease, new Outcome.Succeeded());
    assertThat(state(run)).isEqualTo("succeeded");
  }

  @Test
  void aRejectedOneNeverRunsAndIsNotStartedOver() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String hold = hold();
    String run = stage.admin().get("/api/v1/holds/" + hold).at("run");
    assertThat(
            stage
                .admin()
                .post("/api/v1/holds/" + hold + "/reject", "{\"reason\": \"mines coins\"}")
                .at("state"))
        .isEqualTo("rejected");
    assertThat(state(run)).isEqualTo("cancelled");
    var again = stage.admin().post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": false}");
    assertThat(again.status()).isEqualTo(409);
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").status())
        .isEqualTo(409);
    assertThat(leases()).isEmpty();
  }

  @Test
  void aPushAfterTheLookIsNotWhatIsApproved() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String first = hold();
    request(commit(3), PullRequestAction.SYNCHRONIZED, STRANGER, true);
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/holds/" + first).at("state"))
                .isEqualTo("withdrawn"));
    assertThat(stage.admin().post("/api/v1/holds/" + first + "/approve", "{}").status())
        .isEqualTo(409);
    assertThat(leases()).isEmpty();
    assertThat(stage.admin().get("/api/v1/holds/" + hold()).at("head"))
        .isEqualTo(commit(3).value());
  }

  @Test
  void whatWasReleasedAndHasNotBegunEndsWithARetarget() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String first = hold();
    String run = stage.admin().get("/api/v1/holds/" + first).at("run");
    assertThat(stage.admin().post("/api/v1/holds/" + first + "/approve", "{}").at("state"))
        .isEqualTo("released");
    request(commit(2), commit(9), PullRequestAction.EDITED, STRANGER, true);
    await().untilAsserted(() -> assertThat(state(run)).isEqualTo("cancelled"));
    assertThat(leases()).isEmpty();
  }

  @Test
  void whatNobodyReleasesExpires() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String hold = hold();
    clock.pass(Duration.ofHours(73));
    await()
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state"))
                .isEqualTo("expired"));
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").status())
        .isEqualTo(409);
    assertThat(leases()).isEmpty();
  }

  @Test
  void aPolicyThatChangesBetweenLookAndClickDecidesAnew() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String first = hold();
    var set =
        stage
            .admin()
            .call(
                "PUT",
                "/api/v1/policy",
                """
                {"hold-known": true, "floor": "microvm", "approval": {"count": 1, "own": false},
                 "hold-for": "24h"}\
                """
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(set.status()).as(set.text()).isEqualTo(200);
    assertThat(stage.admin().post("/api/v1/holds/" + first + "/approve", "{}").status())
        .isEqualTo(409);
    String second = hold();
    assertThat(second).isNotEqualTo(first);
    assertThat(stage.admin().post("/api/v1/holds/" + second + "/approve", "{}").at("state"))
        .isEqualTo("released");
    assertThat(leases()).as("a container is not the microVM that policy asks for").isEmpty();
  }

  @Test
  void aWritersPullRequestRunsAndOneWithAFailedLookUpWaits() throws Exception {
    stage.people.permit("42", ForgePermission.WRITE);
    request(commit(4), PullRequestAction.OPENED, WRITER, false);
    AgentApi.Lease lease = await().until(this::leases, given -> !given.isEmpty()).getFirst();
    assertThat(lease.source().commit()).isEqualTo(commit(4));
    agent.complete(lease, new Outcome.Succeeded());

    stage.people.fail("42");
    request(commit(5), PullRequestAction.SYNCHRONIZED, WRITER, false);
    assertThat(stage.admin().get("/api/v1/holds/" + hold()).text()).contains("it timed out");
    assertThat(leases()).isEmpty();
  }

  @Test
  void whatIsHeldAndCancelledIsWithdrawn() throws Exception {
    request(commit(2), PullRequestAction.OPENED, STRANGER, true);
    String hold = hold();
    String run = stage.admin().get("/api/v1/holds/" + hold).at("run");
    assertThat(stage.admin().post("/api/v1/runs/" + run + "/cancel", "{}").status()).isEqualTo(200);
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("withdrawn");
  }
}
