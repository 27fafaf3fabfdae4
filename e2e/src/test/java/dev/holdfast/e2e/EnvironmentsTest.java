package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job deploys, for somebody trusted and for a stranger, by signed webhooks and a real agent. */
class EnvironmentsTest {
  @TempDir static Path folder;

  @Test
  void aStrangerIsInNoEnvironmentUntilAPersonGrantsItForTheirCommit() throws Exception {
    try (ForgeScene scene = new ForgeScene(folder, Kind.GITHUB, false)) {
      scene
          .holdfast
          .cli(
              "environment",
              "set",
              "production",
              scene.written("{\"variables\": {\"URL\": \"https://example.org\"}}"),
              "--repository",
              "app")
          .ok();
      String workflow =
          ForgeScene.CI.formatted("main")
              + "  deploy: {needs: test, environment: production, steps: 'echo \"$URL in"
              + " $HOLDFAST_ENVIRONMENT\"'}\n";
      scene.forge.push(scene.app, "main", scene.maintainer, Map.of(".holdfast/ci.yaml", workflow));
      String trusted = scene.newest().runs().getFirst();
      scene.output(trusted);
      assertThat(deployed(scene, trusted))
          .as("control")
          .isEqualTo("https://example.org in production\n");

      Repo fork = scene.forge.fork(scene.app, scene.stranger);
      scene.forge.push(fork, "main", scene.stranger, Map.of("file", "a stranger's\n"));
      scene.forge.open(scene.app, "main", fork, "main", scene.stranger);
      String run = scene.newest().runs().getFirst();
      assertThat(scene.causes(run)).contains("fork", "environment");
      Set<String> earlier = scene.sandboxes();
      scene.control();
      Set<String> meanwhile = scene.sandboxes();
      meanwhile.removeAll(earlier);
      assertThat(new Run(scene.holdfast.run(run)).attempts("test")).isEmpty();
      assertThat(new Run(scene.holdfast.run(run)).attempts("deploy")).isEmpty();
      assertThat(meanwhile).as("the control's two jobs, and nothing else").hasSize(2);

      // Whoever lets the run go grants no environment by it.
      scene.holdfast.cli("hold", "approve", run).ok();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            assertThat(new Run(scene.holdfast.run(run)).attempts("test")).hasSize(1);
            assertThat(scene.state(run)).isEqualTo("held");
          });
      Set<String> before = scene.sandboxes();
      scene.control();
      Set<String> since = scene.sandboxes();
      since.removeAll(before);
      assertThat(new Run(scene.holdfast.run(run)).attempts("deploy")).isEmpty();
      assertThat(since).as("one sandbox or more since, none of them the stranger's").isNotEmpty();

      var shown = scene.holdfast.cli("hold", "show", run + "/deploy").ok().out();
      assertThat(shown).contains("grants  environment production");
      var granted = scene.holdfast.cli("hold", "approve", run + "/deploy").ok().out();
      assertThat(granted).contains("granted the environments production");
      scene.output(run);
      assertThat(deployed(scene, run)).isEqualTo("https://example.org in production\n");

      var history =
          scene
              .holdfast
              .cli("environment", "history", "production", "--repository", "app", "--json")
              .ok()
              .out()
              .lines()
              .toList();
      assertThat(history).hasSizeGreaterThanOrEqualTo(2);
      Json newest = JsonText.parse(history.getFirst());
      assertThat(Api.string(newest, "run")).isEqualTo(run);
      assertThat(Api.string(newest, "state")).isEqualTo("succeeded");
    }
  }

  private static String deployed(ForgeScene scene, String run) throws Exception {
    String attempt = new Run(scene.holdfast.awaitRun(run)).lastAttempt("deploy");
    return new String(scene.holdfast.log(attempt), StandardCharsets.UTF_8);
  }
}
