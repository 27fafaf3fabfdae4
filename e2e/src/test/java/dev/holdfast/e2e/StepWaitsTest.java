package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A step that its workflow has wait: a real job stands still until people say so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepWaitsTest {
  private static final String DEPLOY =
      """
      name: ci
      on: {push: {branches: ["*"]}, manual: {}}
      jobs:
        test:
          steps:
            - echo built
            - {name: push it, run: echo deployed, approval: deploys to production}
            - echo done
      """;

  @TempDir static Path folder;
  private ForgeScene scene;

  @BeforeAll
  void open() throws Exception {
    scene = new ForgeScene(folder, Kind.GITHUB, false);
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  /** A run of the maintainer's that has come to the step, and waits there. */
  private String waiting() throws Exception {
    scene.forge.push(
        scene.app, scene.fresh(), scene.maintainer, Map.of(".holdfast/ci.yaml", DEPLOY));
    String run = scene.newest().runs().getFirst();
    awaitHold(run);
    return run;
  }

  private void awaitHold(String run) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(scene.causes(run)).containsExactly("asked"));
  }

  private String log(String run) {
    return new String(
        scene.holdfast.log(new Run(scene.holdfast.run(run)).lastAttempt("test")),
        StandardCharsets.UTF_8);
  }

  private String named(String run) {
    Json shown = scene.holdOf(run);
    return "app#" + Api.string(shown, "number") + "/test/push it";
  }

  @Test
  void itStandsStillUntilSomebodyElseReleasesIt() throws Exception {
    String run = waiting();
    Awaitility.await().untilAsserted(() -> assertThat(log(run)).isEqualTo("built\n"));
    var own =
        new Api(scene.holdfast.api().base(), scene.maintainersToken)
            .post("/api/v1/holds/" + scene.hold(run) + "/approve", "{}");
    assertThat(own.status()).as("one's own").isEqualTo(403);
    // Something else runs to its end meanwhile, on the same agent.
    scene.forge.push(
        scene.app,
        scene.fresh(),
        scene.maintainer,
        Map.of(".holdfast/ci.yaml", ForgeScene.CI.formatted("head"), "file", "x\n"));
    scene.output(scene.newest().runs().getFirst());
    assertThat(scene.state(run)).isEqualTo("running");
    assertThat(log(run)).isEqualTo("built\n");

    scene.holdfast.cli("hold", "approve", named(run)).ok();
    assertThat(scene.output(run)).isEqualTo("built\ndeployed\ndone\n");
  }

  @Test
  void rejectedTheStepAndTheJobFailWithTheReason() throws Exception {
    String run = waiting();
    scene.holdfast.cli("hold", "reject", named(run), "--reason", "not on a Friday").ok();
    Json over = scene.holdfast.awaitRun(run);
    assertThat(Api.string(over, "state")).isEqualTo("failed");
    assertThat(JsonText.compact(over)).contains("its approval was refused: not on a Friday");
    assertThat(log(run)).isEqualTo("built\n");
  }

  @Test
  void cancelledItEndsWhileItWaits() throws Exception {
    String run = waiting();
    scene.holdfast.cli("cancel", run).ok();
    assertThat(Api.string(scene.holdfast.awaitRun(run), "state")).isEqualTo("cancelled");
    assertThat(log(run)).isEqualTo("built\n");
    assertThat(Api.string(scene.holdOf(run), "state")).isEqualTo("withdrawn");
  }

  /** Two runs of one commit, of which people released one. */
  @Test
  void whoCopiesAnotherRunsReleaseInTheDatabaseStartsNothing() throws Exception {
    String released = waiting();
    String hold = scene.hold(released);
    scene.holdfast.cli("hold", "approve", named(released)).ok();
    scene.output(released);
    assertThat(
            scene
                .holdfast
                .api()
                .post("/api/v1/runs/" + released + "/rerun", "{\"failed-only\": false}")
                .status())
        .isEqualTo(200);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(
                    Api.list(
                        scene.holdfast.api().get("/api/v1/holds?run=" + released).json(), "holds"))
                .as("started over it waits anew")
                .hasSize(2));
    assertThat(scene.state(released)).isEqualTo("running");

    String other = waiting();
    String others = scene.hold(other);
    write(
        "INSERT INTO approval SELECT 'appr_copied', '"
            + others
            + "', approver, body, signature, given_at FROM approval WHERE hold_id = '"
            + hold
            + "'");
    write(
        "UPDATE hold SET state = 'RELEASED', head_id = (SELECT head_id FROM hold WHERE id = '"
            + hold
            + "'), base_id = (SELECT base_id FROM hold WHERE id = '"
            + hold
            + "'), clearance = (SELECT clearance FROM hold WHERE id = '"
            + hold
            + "') WHERE id = '"
            + others
            + "'");
    Json over = scene.holdfast.awaitRun(other);
    assertThat(Api.string(over, "state")).isEqualTo("failed");
    assertThat(JsonText.compact(over)).contains("it is of another run");
    assertThat(log(other)).isEqualTo("built\n");
    scene.holdfast.cli("cancel", released).ok();
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
