package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.secret.SecretName;
import java.util.Map;
import org.junit.jupiter.api.Test;

class YamlSecretTest {
  private static Step.Command step(String secrets) {
    return (Step.Command)
        workflow(
                "on: push",
                "jobs:",
                "  a:",
                "    steps:",
                "      - run: make",
                "        secrets: " + secrets)
            .jobs()
            .getFirst()
            .steps()
            .getFirst();
  }

  @Test
  void aName_several_andNamesByVariable() {
    var one = new SecretName("NPM_TOKEN");
    var two = new SecretName("KEY");
    assertThat(step("NPM_TOKEN").secrets()).isEqualTo(Map.of("NPM_TOKEN", one));
    assertThat(step("[NPM_TOKEN, KEY]").secrets()).isEqualTo(Map.of("NPM_TOKEN", one, "KEY", two));
    assertThat(step("{TOKEN: NPM_TOKEN}").secrets()).isEqualTo(Map.of("TOKEN", one));
  }

  @Test
  void aStepOfThePhaseInstall() {
    var steps =
        workflow(
                "on: push",
                "jobs:",
                "  a:",
                "    steps:",
                "      - {run: npm ci, phase: install}",
                "      - {run: npm publish, secrets: NPM_TOKEN}")
            .jobs()
            .getFirst()
            .steps();
    assertThat(steps).extracting(Step::installs).containsExactly(true, false);
    assertThat(steps).extracting(Step::asks).containsExactly(false, true);
  }

  @Test
  void tokensByVariable() {
    var step =
        (Step.Command)
            workflow(
                    "on: push",
                    "jobs:",
                    "  a:",
                    "    steps:",
                    "      - {run: make, identity: {TOKEN: sts.example.org}}")
                .jobs()
                .getFirst()
                .steps()
                .getFirst();
    assertThat(step.identity()).isEqualTo(Map.of("TOKEN", new Audience("sts.example.org")));
    assertThat(step.asks()).isTrue();
  }
}
