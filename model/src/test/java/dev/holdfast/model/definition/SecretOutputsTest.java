package dev.holdfast.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.decision.Gets;
import dev.holdfast.model.secret.SecretName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who may name a secret that another job puts out. */
class SecretOutputsTest {
  private static Job job(
      String name, List<String> needs, Map<String, List<String>> matrix, Step... steps) {
    return new Job(
        new Name(name),
        needs.stream().map(Name::new).toList(),
        List.of(),
        Optional.empty(),
        Map.of(),
        matrix,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(steps));
  }

  private static Step.Command step(Map<String, SecretName> secrets, String... outputs) {
    return new Step.Command(
        "only",
        "true",
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        secrets,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        List.of(outputs).stream().map(Name::new).toList());
  }

  private static final Map<String, SecretName> TOKEN = Map.of("T", new SecretName("token@build"));

  private static List<String> problems(Job... jobs) {
    var workflow =
        new Workflow(new Name("ci"), List.of(new Trigger.Manual(List.of())), List.of(jobs));
    return Validation.problems(List.of(workflow)).stream().map(Problem::message).toList();
  }

  @Test
  void aJobThatNeedsTheOtherAndNamesWhatThatOneCallsSecret_isFine() {
    Job build = job("build", List.of(), Map.of(), step(Map.of(), "token"));
    Job deploy = job("deploy", List.of("build"), Map.of(), step(TOKEN));
    assertThat(problems(build, deploy)).isEmpty();
    assertThat(build.secretOutputs()).containsExactly(new Name("token"));
    assertThat(Gets.of(deploy).secrets()).as("it is not one that is kept").isEmpty();
  }

  @Test
  void aJobThatDoesNotNeedIt_anOutputThatIsNotSecret_andAMatrix_areRefusedWithTheMend() {
    Job build = job("build", List.of(), Map.of(), step(Map.of(), "token"));
    assertThat(problems(build, job("deploy", List.of(), Map.of(), step(TOKEN))))
        .singleElement()
        .asString()
        .endsWith("and its job does not need the job build; add it to needs");
    assertThat(
            problems(
                job("build", List.of(), Map.of(), step(Map.of(), "other")),
                job("deploy", List.of("build"), Map.of(), step(TOKEN))))
        .singleElement()
        .asString()
        .contains("no step of the job build says that its output token is secret");
    assertThat(
            problems(
                job("build", List.of(), Map.of("os", List.of("a", "b")), step(Map.of(), "token")),
                job("deploy", List.of("build"), Map.of(), step(TOKEN))))
        .singleElement()
        .asString()
        .contains("has a matrix");
  }

  @Test
  void namesOfKeptSecretsAndOfOutputsAreApart() {
    assertThat(new SecretName("token@build").output())
        .contains(new SecretName.Output("token", "build"));
    assertThat(new SecretName("NPM_TOKEN").output()).isEmpty();
    for (String wrong : List.of("token", "@build", "token@", "a@b@c", "tok en@build", "x@-b")) {
      assertThatThrownBy(() -> new SecretName(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not the name of a secret");
    }
    assertThatThrownBy(() -> step(Map.of(), "a", "a")).hasMessageContaining("twice");
  }
}
