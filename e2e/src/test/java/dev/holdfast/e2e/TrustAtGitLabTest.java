package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.forgedouble.Delivery;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link TrustAt} a GitLab, and what differs there. */
class TrustAtGitLabTest extends TrustAt {
  TrustAtGitLabTest() {
    super(Kind.GITLAB, false);
  }

  @Test
  void whatIsAlteredUnsignedOrSignedForAnotherDeliveryIsRefused() throws Exception {
    scene.forge.push(scene.app, scene.fresh(), scene.developer, Map.of("file", "a\n"));
    Delivery good = scene.forge.newest();
    assertThat(scene.forge.send(good)).as("control: the same once more").isEqualTo(202);
    assertThat(scene.forge.send(good.altered("\"user_id\":", "\"user_id\": "))).isEqualTo(401);
    assertThat(scene.forge.send(good.unsigned())).isEqualTo(401);
    assertThat(scene.forge.send(good.as("delivery-of-mine"))).isEqualTo(401);
    int events = scene.events();
    assertThat(scene.forge.send(good)).isEqualTo(202);
    assertThat(scene.events()).as("twice is once").isEqualTo(events);
  }

  @Test
  void theBaseOfAMergeRequestIsLookedUpAndARetargetEndsAnApproval() throws Exception {
    scene.forge.push(scene.app, "release", scene.maintainer, Map.of("file", "release\n"));
    scene.newest();
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String head = scene.forge.push(fork, "topic", scene.stranger, Map.of("file", "mine\n"));
    Pull pull = scene.forge.open(scene.app, "main", fork, "topic", scene.stranger);
    String run = scene.newest().runs().getFirst();
    assertThat(scene.newest().said()).contains(scene.app.at("main"));
    scene.forge.retarget(pull, "release", scene.stranger);
    String other = scene.newest().runs().getFirst();
    assertThat(other).isNotEqualTo(run);
    assertThat(scene.state(run)).isEqualTo("cancelled");
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + head);
    assertThat(scene.output(other)).contains("mine");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(scene.forge.statuses(pull.base(), head))
                .first()
                .asString()
                .startsWith("holdfast/ci (pull request) success"));
  }
}
