package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
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

/**
 * Pushes by somebody who may write and may not change workflows: what is compared with what, and
 * what runs.
 */
class SettledTest {
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final Contributor WRITER = new Contributor(FORGE.name(), "42", "writer");
  private static final CommitId START = ScriptedForge.COMMIT;

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private Caller agent;
  private String agentId;
  private String repository;

  private static Workflow ci(Job... jobs) {
    return new Workflow(
        new Name("ci"),
        List.of(new Trigger.Push(List.of(), List.of(), List.of()), new Trigger.Manual(List.of())),
        List.of(jobs));
  }

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(ci(Stage.job("test")));
    stage.people.permit("42", ForgePermission.WRITE);
    repository = stage.atForge("app", FORGE, 7, START);
    agent = stage.agent("one");
    agentId = agent.register("one", 9, "linux").agent();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private static CommitId commit(int digit) {
    return new CommitId(Integer.toString(digit).repeat(40));
  }

  private void push(String branch, CommitId before, CommitId after) {
    stage.deliver(
        new Event(
            "push-" + branch + after,
            repository,
            clock.instant(),
            Optional.of(WRITER),
            new Happening.Push(new RefName(branch), after, Optional.of(before), false)),
        List.of(new Lookup.Known<>(WRITER)));
  }

  private String held(CommitId head) {
    return await()
        .until(() -> stage.holds("app").getOrDefault(head.value(), ""), id -> !id.isEmpty());
  }

  /** What may start now, done at once. */
  private List<AgentApi.Lease> leases() throws Exception {
    List<AgentApi.Lease> given = agent.lease(agentId, 9, Duration.ZERO);
    for (AgentApi.Lease lease : given) {
      agent.complete(lease, new Outcome.Succeeded());
    }
    return given;
  }

  private AgentApi.Lease lease() {
    return await().until(this::leases, given -> !given.isEmpty()).getFirst();
  }

  @Test
  void whatWaitsDoesNotBecomeTheBaseOfTheNextPush() throws Exception {
    stage.forge.define(commit(2), ci(Stage.job("test"), Stage.job("mine")));
    stage.forge.define(commit(3), ci(Stage.job("test"), Stage.job("mine")));
    push("main", START, commit(2));
    String text = stage.admin().get("/api/v1/holds/" + held(commit(2))).text();
    assertThat(text).contains("adds the job mine");
    push("main", commit(2), commit(3));
    assertThat(stage.admin().get("/api/v1/holds/" + held(commit(3))).text())
        .as("nothing differs from the push before, which waits itself")
        .contains("adds the job mine");
    assertThat(leases()).isEmpty();
  }

  @Test
  void whoMayNotChangeWorkflowsRunsThoseOfTheSettledCommit() throws Exception {
    push("main", START, commit(2));
    AgentApi.Lease lease = lease();
    assertThat(lease.source().commit()).as("the files are the head's").isEqualTo(commit(2));
    String run = stage.admin().get("/api/v1/runs/" + lease.run()).text();
    assertThat(run).contains("\"trust\":\"known\"").contains("\"definitions\":\"" + START + "\"");
  }

  @Test
  void aReleasedPushIsTheBaseOfTheNextOne() throws Exception {
    Workflow more = ci(Stage.job("test"), Stage.job("lint"));
    stage.forge.define(commit(2), more);
    stage.forge.define(commit(3), more);
    push("main", START, commit(2));
    String hold = held(commit(2));
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").at("state"))
        .isEqualTo("released");
    assertThat(leases()).as("released, it still runs the workflows of its base").hasSize(1);
    push("main", commit(2), commit(3));
    assertThat(await().until(this::leases, given -> given.size() == 2))
        .extracting(given -> given.job().key())
        .containsExactlyInAnyOrder("test", "lint");
  }

  @Test
  void anOlderPushThatIsReleasedLaterDoesNotTakeTheBranchBack() throws Exception {
    stage.forge.define(commit(2), ci(Stage.job("test"), Stage.job("old")));
    push("main", START, commit(2));
    String old = held(commit(2));
    push("main", START, commit(3));
    assertThat(lease().source().commit()).isEqualTo(commit(3));
    stage.admin().post("/api/v1/holds/" + old + "/approve", "{}");
    lease();
    push("main", commit(3), commit(4));
    assertThat(stage.admin().get("/api/v1/runs/" + lease().run()).text())
        .contains("\"definitions\":\"" + commit(3) + "\"");
  }

  @Test
  void whatNobodyDecidedIsNotStartedByHand() throws Exception {
    stage.forge.at(commit(8));
    var begun =
        stage
            .admin()
            .post("/api/v1/repositories/app/events", "{\"workflow\": \"ci\", \"inputs\": {}}");
    assertThat(begun.status()).isEqualTo(202);
    assertThat(stage.admin().get("/api/v1/holds/" + held(commit(8))).text())
        .contains("no decision has let 8888888 run so far");
    assertThat(leases()).isEmpty();
    stage.forge.at(START);
    stage.admin().post("/api/v1/repositories/app/events", "{\"workflow\": \"ci\", \"inputs\": {}}");
    assertThat(lease().source().commit()).as("what is settled is").isEqualTo(START);
  }
}
