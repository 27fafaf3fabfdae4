package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.json.JsonText;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A policy that lets strangers' pull requests run at once, by signed webhooks and a real agent,
 * whose tier is namespaces. What such a job reaches over a network is {@code ClearedEgressTest}'s.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustAtOnceTest {
  private static final Map<String, String> SAME = Map.of("file", "changed\n");

  @TempDir static Path folder;
  private ForgeScene scene;

  @BeforeAll
  void open() throws Exception {
    scene = new ForgeScene(folder, Kind.GITHUB, false);
    scene.forge.push(
        scene.app,
        "main",
        scene.maintainer,
        Map.of(
            ".holdfast/ci.yaml",
            ForgeScene.CI.formatted("main")
                + "  pack: {user: root, steps: echo packed}\n"));
    scene.newest();
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  private void atOnce(String tier) {
    String policy =
        ForgeScene.policyText(1).replaceFirst("\\{", "{\"at-once\": \"" + tier + "\", ");
    scene.holdfast.cli("policy", "set", scene.written(policy)).ok();
    assertThat(scene.holdfast.cli("policy", "show").ok().out()).contains("at-once      " + tier);
  }

  /** A stranger's pull request from a fork; its run. */
  private String fork(Map<String, String> files) throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String branch = scene.fresh();
    scene.forge.push(fork, branch, scene.stranger, files);
    scene.forge.open(scene.app, "main", fork, branch, scene.stranger);
    return scene.newest().runs().getFirst();
  }

  private void awaitAttempt(String run, String job) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(new Run(scene.holdfast.run(run)).attempts(job)).isNotEmpty());
  }

  private void awaitSaid(String run, String words) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(JsonText.compact(scene.holdfast.run(run))).contains(words));
  }

  @Test
  void aStrangersJobRunsAtOnce_itsPrivilegedOneWaits() throws Exception {
    atOnce("namespaces");
    String run = fork(SAME);
    awaitSaid(run, "policy lets it run at once");
    awaitAttempt(run, "test");
    assertThat(scene.causes(run)).containsExactlyInAnyOrder("fork", "unknown", "privileged");
    Set<String> before = scene.sandboxes();
    scene.forge.push(scene.app, scene.fresh(), scene.maintainer, Map.of("file", "control\n"));
    String trusted = scene.newest().runs().getFirst();
    awaitAttempt(trusted, "pack");
    assertThat(scene.state(run)).isIn("held", "running");
    assertThat(new Run(scene.holdfast.run(run)).attempts("pack")).as("waits").isEmpty();
    assertThat(scene.sandboxes()).containsAll(before);
    assertThat(scene.sandboxes())
        .contains(new Run(scene.holdfast.run(run)).lastAttempt("test"));
  }

  @Test
  void whoChangesWorkflowsWaitsAllTheSame() throws Exception {
    atOnce("namespaces");
    String run =
        fork(Map.of("file", "x\n", ".holdfast/ci.yaml", ForgeScene.CI.formatted("the stranger")));
    assertThat(scene.state(run)).isEqualTo("held");
    assertThat(scene.causes(run)).contains("fork", "unknown", "workflows-changed");
    assertThat(new Run(scene.holdfast.run(run)).attempts("test")).isEmpty();
  }

  @Test
  void anAgentOfAWeakerTierNeverGetsIt_alsoWhereTheDatabaseSaysSo() throws Exception {
    atOnce("container");
    String run = fork(SAME);
    scene.forge.push(scene.app, scene.fresh(), scene.maintainer, Map.of("file", "control\n"));
    awaitAttempt(scene.newest().runs().getFirst(), "test");
    assertThat(new Run(scene.holdfast.run(run)).attempts("test")).as("queued behind").isEmpty();

    // The queue is told that any wall will do.
    write("UPDATE job SET labels = '' WHERE run_id = '" + run + "' AND job_key = 'test'");
    awaitSaid(run, "wants the tier container");
    noSandbox(run);

    // So is the clearance.
    String other = fork(SAME);
    write(
        "UPDATE clearance SET body = replace(body, '\"floor\":\"container\"',"
            + " '\"floor\":\"none\"') WHERE run_id = '"
            + other
            + "'");
    write("UPDATE job SET labels = '' WHERE run_id = '" + other + "' AND job_key = 'test'");
    awaitSaid(other, "the clearance is not signed by the orchestrator's key");
    noSandbox(other);

    atOnce("namespaces");
    String control = fork(SAME);
    awaitAttempt(control, "test");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(scene.sandboxes())
                .contains(new Run(scene.holdfast.run(control)).lastAttempt("test")));
  }

  private void noSandbox(String run) {
    assertThat(scene.sandboxes())
        .doesNotContain(new Run(scene.holdfast.run(run)).lastAttempt("test"));
  }

  private void write(String sql) throws Exception {
    Path database = folder.resolve("server/server/holdfast.db");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=10000");
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }
}
