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

  private static Step.Command identity(String name, boolean install, Map<String, Audience> tokens) {
    return new Step.Command(
        name,
        "make",
        Map.of("E", "x"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("S", TOKEN),
        install ? Optional.of(Phase.INSTALL) : Optional.empty(),
        Optional.empty(),
        tokens);
  }

  @Test
  void whomATokenIsFor() {
    for (String good : List.of("sts.example.org", "https://vault.example.org/v1?a=b", "a")) {
      assertThat(new Audience(good).value()).isEqualTo(good);
    }
    for (String bad : List.of("", " a", "a b", "a\"", "é", "-a", "a".repeat(201), "a\n")) {
      assertThatThrownBy(() -> new Audience(bad)).hasMessageContaining("whom a token can be for");
    }
  }

  @Test
  void aTokensVariableIsSetOnce_andForEachAudienceThereIsOne() {
    var sts = new Audience("sts.example.org");
    assertThatThrownBy(() -> identity("a", false, Map.of("E", sts)))
        .hasMessage("the variable E is set by env and by identity; remove one");
    assertThatThrownBy(() -> identity("a", false, Map.of("S", sts)))
        .hasMessage("the variable S is set by secrets and by identity; remove one");
    assertThatThrownBy(() -> identity("a", false, Map.of("T", sts, "U", sts)))
        .hasMessageContaining("asks twice for a token for the same");
    assertThat(identity("a", false, Map.of("T", sts)).audiences()).containsExactly(sts);
  }

  @Test
  void aTokenInAStepThatInstalls_isRefused_andIsSomethingThatAJobGets() {
    var sts = new Audience("sts.example.org");
    assertThat(problems(identity("get", true, Map.of("T", sts))))
        .extracting(Problem::message)
        .contains(
            "the step \"get\" of job a installs, and such steps are given no token; ask for the one"
                + " for sts.example.org in a later step");
    assertThat(Gets.of(job(identity("a", false, Map.of("T", sts)))).secrets())
        .containsExactlyInAnyOrder("TOKEN", "sts.example.org");
  }

  @Test
  void stepsBehindThoseThatInstall_ask() {
    var plain = step("b", Map.of(), Map.of(), false);
    Job installing = job(step("a", Map.of(), Map.of(), true), plain, plain);
    assertThat(List.of(installing.asks(0), installing.asks(1), installing.asks(2)))
        .containsExactly(false, true, true);
    assertThat(job(plain).asks(0)).isFalse();
  }
}
