package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.InputKind;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlReadingTest {
  private static final String JOBS = "jobs: {a: {steps: make}}";

  @Test
  void everythingThatAJobCanHave() {
    Workflow workflow =
        workflow(
            "name: build",
            "on:",
            "  push: {branches: [main, 'release/**'], tags: 'v*'}",
            "  pull-request: {branches: main, actions: [opened], paths: ['src/**']}",
            "jobs:",
            "  compile:",
            "    steps: [mvn -B package]",
            "  test:",
            "    needs: compile",
            "    runs-on: [linux, big]",
            "    image: maven:3",
            "    env: {PORT: 8080, DEBUG: true, RATIO: 1.50, EMPTY: }",
            "    matrix: {jdk: [21, 25], os: debian}",
            "    directory: app",
            "    when: always",
            "    timeout: 10m",
            "    steps:",
            "      - name: unit tests",
            "        run: |",
            "          mvn -B verify",
            "        env: {A: 1}",
            "        directory: app/core",
            "        when: success",
            "        timeout: 90s",
            "      - echo done");
    assertThat(workflow.name()).isEqualTo(new Name("build"));
    assertThat(workflow.on())
        .containsExactly(
            new Trigger.Push(List.of("main", "release/**"), List.of("v*"), List.of()),
            new Trigger.PullRequest(
                List.of("main"),
                List.of(dev.holdfast.model.definition.PullRequestAction.OPENED),
                List.of("src/**")));
    Job test = workflow.jobs().get(1);
    assertThat(test.needs()).containsExactly(new Name("compile"));
    assertThat(test.runsOn()).containsExactly(new Name("linux"), new Name("big"));
    assertThat(test.env())
        .isEqualTo(Map.of("PORT", "8080", "DEBUG", "true", "RATIO", "1.50", "EMPTY", ""));
    assertThat(test.matrix())
        .isEqualTo(Map.of("jdk", List.of("21", "25"), "os", List.of("debian")));
    assertThat(test.when()).contains(When.ALWAYS);
    assertThat(test.timeout()).contains(new TimeLimit("10m"));
    assertThat(test.steps().getFirst())
        .isEqualTo(
            new Step.Command(
                "unit tests",
                "mvn -B verify\n",
                Map.of("A", "1"),
                Optional.of("app/core"),
                Optional.of(When.SUCCESS),
                Optional.of(new TimeLimit("90s"))));
    assertThat(test.steps().get(1).name()).isEqualTo("echo done");
  }

  @Test
  void triggersCanBeWrittenShort() {
    var push = new Trigger.Push(List.of(), List.of(), List.of());
    var pull = new Trigger.PullRequest(List.of(), List.of(), List.of());
    assertThat(workflow("on: push", JOBS).on()).containsExactly(push);
    assertThat(workflow("on: [push, pull-request]", JOBS).on()).containsExactly(push, pull);
    assertThat(workflow("on: {push: , pull-request: ~}", JOBS).on()).containsExactly(push, pull);
    assertThat(workflow("on: [push, {schedule: 30 4 * * 1}]", JOBS).on())
        .containsExactly(push, new Trigger.Schedule("30 4 * * 1"));
    assertThat(
            workflow("on:", "  schedule:", "    - cron: 0 0 * * *", "    - 5 5 * * *", JOBS).on())
        .containsExactly(new Trigger.Schedule("0 0 * * *"), new Trigger.Schedule("5 5 * * *"));
  }

  @Test
  void manualInputsHaveKinds() {
    var manual =
        (Trigger.Manual)
            workflow(
                    "on:",
                    "  manual:",
                    "    inputs:",
                    "      target: {choices: [dev, prod], initial: dev, description: Where to}",
                    "      count: number",
                    "      dry-run: {kind: boolean, initial: false}",
                    "      note:",
                    JOBS)
                .on()
                .getFirst();
    assertThat(manual.inputs())
        .extracting(i -> i.kind())
        .containsExactly(InputKind.CHOICE, InputKind.NUMBER, InputKind.BOOLEAN, InputKind.TEXT);
    assertThat(manual.inputs().get(2).initial()).contains("false");
  }

  @Test
  void stepsAndWorkflowsWithoutNamesGetThem() {
    Workflow workflow =
        workflow(
            "on: push",
            "jobs:",
            "  a:",
            "    steps:",
            "      - make",
            "      - make",
            "      - run: make",
            "      - {name: make (2), run: make}",
            "      - run: \"\\n\\n  echo\\tx  \\nmore\"",
            "      - " + "y".repeat(100));
    assertThat(workflow.name()).isEqualTo(new Name("ci"));
    assertThat(workflow.jobs().getFirst().steps())
        .extracting(Step::name)
        .containsExactly(
            "make", "make (3)", "make (4)", "make (2)", "echo x", "y".repeat(60) + "…");
  }

  @Test
  void coreSchemaWordsStayWords() {
    Workflow workflow = workflow("on: push", "jobs: {on: {steps: [yes, {run: true}]}}");
    assertThat(workflow.jobs().getFirst().name()).isEqualTo(new Name("on"));
    assertThat(workflow.jobs().getFirst().steps()).extracting(Step::name).contains("yes", "true");
  }

  @Test
  void byteOrderMarksAndWindowsLineEndsDoNotMatter() {
    String[] lines = {
      "on: push", "jobs:", "  a:", "    steps:", "      - run: |", "          x", "          y"
    };
    Workflow plain = workflow(lines);
    assertThat(workflow("\uFEFF" + String.join("\r\n", lines))).isEqualTo(plain);
  }
}
