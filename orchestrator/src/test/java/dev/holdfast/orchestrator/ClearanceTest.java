package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.Clearance;
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
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every lease says what let its job start, in a way that an agent can check. */
class ClearanceTest {
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final CommitId HEAD = new CommitId("2".repeat(40));

  @TempDir Path data;
  private Stage stage;
  private String repository;
  private Caller agent;
  private AgentApi.Registered registered;
  private PublicKey key;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, new ManualClock());
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.PullRequest(List.of(), List.of(), List.of()),
                new Trigger.Manual(List.of())),
            List.of(Stage.job("test"), Stage.job("lint"))));
    repository = stage.atForge("app", FORGE, 7, ScriptedForge.COMMIT);
    agent = stage.agent("one");
    registered = agent.register("one", 4, "linux");
    byte[] said = Base64.getDecoder().decode(registered.key().orElseThrow());
    key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(said));
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private Clearance checked(AgentApi.Lease lease) {
    AgentApi.Cleared cleared = lease.cleared().orElseThrow();
    assertThat(cleared.clearance().by(key)).isTrue();
    Clearance clearance = cleared.clearance().clearance();
    assertThat(clearance.repository()).isEqualTo(lease.source().repository());
    assertThat(clearance.head()).isEqualTo(lease.source().commit());
    assertThat(clearance.workflow()).isEqualTo(lease.workflow());
    assertThat(clearance.event()).isEqualTo(Clearance.hash(lease.event()));
    assertThat(clearance.definition()).isEqualTo(cleared.definition().digest());
    assertThat(cleared.definition().mismatch(lease.job(), lease.sources())).isEmpty();
    assertThat(clearance.jobs()).contains(lease.job().job().name());
    return clearance;
  }

  private List<AgentApi.Lease> leases(int count) {
    return await()
        .until(
            () -> agent.lease(registered.agent(), 4, Duration.ZERO),
            leases -> leases.size() == count);
  }

  @Test
  void whatADecisionLetRunIsClearedByNobody() throws Exception {
    stage.run("app", "ci");
    for (AgentApi.Lease lease : leases(2)) {
      Clearance clearance = checked(lease);
      assertThat(clearance.by()).isEmpty();
      assertThat(clearance.jobs()).containsExactly(new Name("test"), new Name("lint"));
      agent.complete(lease, new Outcome.Succeeded());
    }
  }

  @Test
  void whatWasReleasedIsClearedByWhoReleasedIt() throws Exception {
    var stranger = new Contributor(FORGE.name(), "666", "stranger");
    stage.deliver(
        new Event(
            "d1",
            repository,
            java.time.Instant.EPOCH,
            Optional.of(stranger),
            new Happening.PullRequest(
                5,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                HEAD,
                true)),
        List.of(new Lookup.Known<>(stranger)));
    Map<String, String> holds =
        await().until(() -> stage.holds("app"), all -> all.containsKey(HEAD.value()));
    var approved =
        stage.admin().post("/api/v1/holds/" + holds.get(HEAD.value()) + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    String admin = stage.admin().get("/api/v1/whoami").at("user.id");
    for (AgentApi.Lease lease : leases(2)) {
      Clearance clearance = checked(lease);
      assertThat(clearance.by()).containsExactly(admin);
      assertThat(clearance.trust()).isEqualTo(Trust.UNKNOWN);
      assertThat(clearance.head()).isEqualTo(HEAD);
      agent.complete(lease, new Outcome.Succeeded());
    }
  }

  @Test
  void theKeyStaysOverARestart() throws Exception {
    stage.restart();
    assertThat(stage.caller(agent.token()).register("one", 4, "linux").key())
        .isEqualTo(registered.key());
  }
}
