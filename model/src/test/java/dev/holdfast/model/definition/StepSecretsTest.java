package dev.holdfast.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.decision.Gets;
import dev.holdfast.model.secret.SecretName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StepSecretsTest {
  private static final SecretName TOKEN = new SecretName("TOKEN");

  private static Step.Command step(
      String name, Map<String, String> env, Map<String, SecretName> secrets, boolean install) {
    return new Step.Command(
        name,
        "make",
        env,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        secrets,
        install ? Optional.of(Phase.INSTALL) : Optional.empty());
  }

  private static Job job(Step... steps) {
    return new Job(
        new Name("a"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(steps));
  }

  private static List<Problem> problems(Step... steps) {
    return Validation.problems(
        List.of(
            new Workflow(
                new Name("ci"), List.of(new Trigger.Manual(List.of())), List.of(job(steps)))));
  }

  @Test
  void aSecretInAStepThatInstalls_isRefused() {
    assertThat(problems(step("get", Map.of(), Map.of("T", TOKEN), true)))
        .containsExactly(
            new Problem(
                "workflows[ci].jobs[a].steps[get]",
                "the step \"get\" of job a installs, and such steps are given no secret; name TOKEN in a"
                    + " later step"));
    assertThat(
            problems(
                step("get", Map.of(), Map.of(), true),
                step("put", Map.of(), Map.of("T", TOKEN), false)))
        .isEmpty();
  }

  @Test
  void stepsThatInstall_comeFirst() {
    assertThat(
            problems(
                step("test", Map.of(), Map.of(), false), step("get", Map.of(), Map.of(), true)))
        .extracting(Problem::message)
        .containsExactly(
            "the step \"get\" of job a installs, and stands behind one that does not; steps of the phase"
                + " install come first");
  }

  @Test
  void aVariableIsSetOnce_andIsNotOneOfHoldfasts() {
    assertThatThrownBy(() -> step("a", Map.of("T", "x"), Map.of("T", TOKEN), false))
        .hasMessage("the variable T is set by env and by secrets; remove one");
    assertThatThrownBy(() -> step("a", Map.of(), Map.of("HOLDFAST_OUTPUT", TOKEN), false))
        .hasMessageContaining("HOLDFAST_");
    assertThatThrownBy(() -> step("a", Map.of(), Map.of("a b", TOKEN), false))
        .hasMessageContaining("not the name of an environment variable");
  }

  @Test
  void whatAJobGets_isWhatItsStepsName() {
    assertThat(Gets.of(job(step("a", Map.of(), Map.of("T", TOKEN), false))).secrets())
        .containsExactly("TOKEN");
    assertThat(Gets.of(job(step("a", Map.of(), Map.of(), false))).secrets()).isEmpty();
  }
}
