package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only the agent that holds an attempt asks for its secrets, and only for those it declares. */
class DeliveryRouteTest {
  @TempDir Path data;
  private Stage stage;
  private Caller one;
  private AgentApi.Lease lease;

  private static Job deploying() {
    return new Job(
        new Name("deploy"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Step.Command(
                "deploy",
                "true",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("TOKEN", new SecretName("DEPLOY_TOKEN")),
                Optional.empty())));
  }

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, new ManualClock());
    stage.forge.define(Stage.workflow("ci", deploying()));
    stage.repository("app");
    stage.run("app", "ci");
    one = stage.agent("one");
    lease = one.lease(one.register("one", 1).agent(), 1, Duration.ofSeconds(5)).getFirst();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private static String path(String attempt, long fence) {
    return "/agent/v1/attempts/" + attempt + "/secrets?fence=" + fence;
  }

  @Test
  void theAgentThatHoldsTheAttempt_hearsOfWhatIsDeclared() throws Exception {
    var answer =
        one.good(one.post(path(lease.attempt(), lease.fence()), ""), AgentApi.Secrets.class);
    assertThat(answer.given()).isEmpty();
    assertThat(answer.withheld())
        .extracting(AgentApi.WithheldSecret::name)
        .containsExactly(new SecretName("DEPLOY_TOKEN"));
  }

  @Test
  void aStaleFence_anotherAgent_aPersonAndNoFence_areRefused() throws Exception {
    assertThat(one.post(path(lease.attempt(), lease.fence() + 1), "").status()).isEqualTo(409);
    Caller two = stage.agent("two");
    two.register("two", 1);
    assertThat(two.post(path(lease.attempt(), lease.fence()), "").status()).isEqualTo(409);
    assertThat(stage.admin().post(path(lease.attempt(), lease.fence()), "").status())
        .isEqualTo(403);
    assertThat(one.post("/agent/v1/attempts/" + lease.attempt() + "/secrets", "").status())
        .isEqualTo(400);
    assertThat(one.post(path("att_none", 1), "").status()).isEqualTo(404);
  }
}
