package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@link TrustAt} a GitHub to which Holdfast speaks as an app, and the checks that only apps write.
 */
class TrustAtAppTest extends TrustAt {
  private static final String CHECK = "holdfast/ci (pull request)";

  TrustAtAppTest() {
    super(Kind.GITHUB, true);
  }

  private void check(Pull pull, String expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(scene.forge.checks(scene.app, pull.head()))
                .anyMatch(check -> check.startsWith(CHECK + " " + expected)));
  }

  @Test
  void aCheckSaysWhatWaitsAndWhatBecameOfIt() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String head = scene.forge.push(fork, "checked", scene.stranger, Map.of("file", "checked\n"));
    Pull pull = scene.forge.open(scene.app, "main", fork, "checked", scene.stranger);
    String run = scene.newest().runs().getFirst();
    check(pull, "completed action_required held, needs approval");
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + head);
    scene.output(run);
    check(pull, "completed success");
    assertThat(scene.forge.statuses(scene.app, head)).as("in place of statuses").isEmpty();
  }

  @Test
  void theButtonRunsItAgainForWhoMayAndForNobodyElse() throws Exception {
    scene.forge.push(scene.app, "again", scene.maintainer, Map.of("file", "again\n"));
    Pull pull = scene.forge.open(scene.app, "main", scene.app, "again", scene.maintainer);
    String run = scene.newest().runs().getFirst();
    scene.output(run);
    check(pull, "completed success");
    scene.forge.again(scene.app, pull.head(), CHECK, scene.stranger);
    scene.forge.again(scene.app, pull.head(), CHECK, scene.developer);
    scene.control();
    assertThat(new Run(scene.holdfast.run(run)).attempts("test")).hasSize(1);

    scene.forge.again(scene.app, pull.head(), CHECK, scene.maintainer);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> new Run(scene.holdfast.run(run)).attempts("test").size() == 2);
    scene.output(run);
    check(pull, "completed success");
  }
}
