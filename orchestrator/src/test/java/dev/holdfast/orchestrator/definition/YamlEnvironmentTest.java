package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.errors;
import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.EnvironmentPattern;
import java.util.List;
import org.junit.jupiter.api.Test;

class YamlEnvironmentTest {
  private static final String BEFORE = "on: push\njobs:\n  a:\n    steps: make";

  private static List<String> environments(String line) {
    return workflow(BEFORE, "    " + line).jobs().getFirst().environments().stream()
        .map(EnvironmentPattern::value)
        .toList();
  }

  private static void refused(String line, String error) {
    assertThat(errors(BEFORE, "    " + line))
        .singleElement()
        .asString()
        .startsWith(".holdfast/ci.yaml:5: " + error);
  }

  @Test
  void oneOrSeveral_byNameOrBelowOne() {
    assertThat(environments("environment: production")).containsExactly("production");
    assertThat(environments("environment: [base, review/*, review/feature-1]"))
        .containsExactly("base", "review/*", "review/feature-1");
    assertThat(environments("environment:")).isEmpty();
    assertThat(environments("directory: x")).isEmpty();
  }

  @Test
  void whatIsWrong_isNamedAtItsLineWithTheMend() {
    String no = "\" is not an environment; write its name, as production or";
    refused("environment: \"*\"", "jobs.a.environment[0]: \"*" + no);
    refused("environment: a b", "jobs.a.environment[0]: \"a b" + no);
    refused("environment: review/../production", "jobs.a.environment[0]: \"review/../production");
    refused("environment: [ok, /etc]", "jobs.a.environment[1]: \"/etc" + no);
    refused("environment: review/*/x", "jobs.a.environment[0]: \"review/*/x" + no);
    refused("environment: ${{ github.ref }}", "jobs.a.environment[0]: \"${{ github.ref }}" + no);
    assertThat(errors(BEFORE, "    environment: [a, a]"))
        .containsExactly(".holdfast/ci.yaml:3: jobs.a: the job a names an environment twice");
    refused("environment: {name: a}", "jobs.a.environment[0]: is a map; write");
    refused("environments: a", "jobs.a: has the unknown key \"environments\"");
  }
}
