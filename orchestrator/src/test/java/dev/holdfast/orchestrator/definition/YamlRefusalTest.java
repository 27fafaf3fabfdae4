package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.errors;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlRefusalTest {
  private static void refused(String expected, String... yaml) {
    assertThat(errors(yaml)).singleElement().isEqualTo(".holdfast/ci.yaml" + expected);
  }

  private static void refusedWith(String start, String part, String... yaml) {
    assertThat(errors(yaml))
        .singleElement()
        .asString()
        .startsWith(".holdfast/ci.yaml" + start)
        .contains(part)
        .hasLineCount(1)
        .hasSizeLessThan(500);
  }

  @Test
  void unknownKeysAreNamedWithTheKnownOnes() {
    refused(
        ":4: jobs.a: has the unknown key \"run-on\"; known are needs, runs-on, image, env, matrix,"
            + " directory, when, timeout, tier, user, services, approval, environment, cache, artifacts, caches, steps",
        "on: push",
        "jobs:",
        "  a:",
        "    run-on: linux",
        "    steps: make");
    refusedWith(":1: ", "has the unknown key \"true\"", "true: push");
    refusedWith(
        ":1: ", "on: \"pushed\" is not a trigger; known are push, pull-request", "on: pushed");
  }

  @Test
  void valuesThatTheModelRefusesPointAtTheirLine() {
    refusedWith(
        ":5: jobs.a.needs[1]: ",
        "is not a name",
        "on: push",
        "jobs:",
        "  a:",
        "    needs: [b,",
        "      'b c']",
        "    steps: make");
    refusedWith(
        ":4: jobs.a.timeout: ",
        "is not a time limit",
        "on: push",
        "jobs:",
        "  a:",
        "    timeout: soon",
        "    steps: make");
    refusedWith(":3: jobs.a: ", "has 0 steps", "on: push", "jobs:", "  a:", "    image: x");
    refusedWith(
        ":5: jobs.a.steps[1]: ",
        "lacks the field run",
        "on: push",
        "jobs:",
        "  a: {steps: [",
        "   make,",
        "   {name: x}]}");
    refusedWith(":1: ", "has no trigger", "jobs: {a: {steps: make}}");
    refusedWith(
        ":3: jobs.a.env.\"1X\"", "", "on: push", "jobs:", "  a: {env: {1X: {}}, steps: make}");
    refusedWith(
        ":2: on.schedule: ",
        "is not a schedule",
        "on:",
        "  schedule: {cron: daily}",
        "jobs: {a: {steps: make}}");
  }

  @Test
  void rulesOverSeveralPartsPointAtTheirLine() {
    refusedWith(
        ":5: jobs.a.needs[0]: ",
        "needs nobody, which this workflow does not have",
        "on: push",
        "jobs:",
        "  a:",
        "    needs:",
        "      - nobody",
        "    steps: make");
    refusedWith(
        ":4: jobs.a.needs: ",
        "circle: a needs b needs a",
        "on: push",
        "jobs:",
        "  a:",
        "    needs: b",
        "    steps: x",
        "  b:",
        "    needs: a",
        "    steps: x");
    refusedWith(
        ":5: jobs.a.steps[1]: ",
        "are named \"x\"; rename one",
        "on: push",
        "jobs:",
        "  a: {steps: [",
        "   {name: x, run: a},",
        "   {name: x, run: b}]}");
    refusedWith(
        ":2: on.schedule",
        "makes no sense",
        "on:",
        "  schedule: 99 4 * * 1",
        "jobs: {a: {steps: make}}");
  }

  @Test
  void codeStepsNeedJava() {
    refused(
        ":3: jobs.a.steps[0]: code steps need Java; write this workflow as .holdfast/*.java",
        "on: push",
        "jobs:",
        "  a: {steps: [{name: x, code: y}]}");
  }

  @Test
  void aHostileGlobIsRefusedOrHarmless() {
    refusedWith(
        ":1: on.push",
        "takes back nothing",
        "on: {push: {paths: ['!**']}}",
        "jobs: {a: {steps: x}}");
    refusedWith(
        ":1: on.push",
        "longer than 500",
        "on: {push: {paths: ['" + "*".repeat(5000) + "']}}",
        "jobs: {a: {steps: x}}");
    assertThat(
            errors("on: {push: {paths: ['" + "**/".repeat(160) + "x']}}", "jobs: {a: {steps: x}}"))
        .isEmpty();
  }

  @Test
  void bombsAreRefusedBeforeTheyGrow() {
    refused(
        ":1: uses an anchor or alias (& or *), which is not supported; write the value out",
        "a: &a [x, x, x, x, x, x, x, x, x]",
        "b: &b [*a, *a, *a, *a]",
        "c: [*b, *b, *b, *b]");
    refusedWith(":1: ", "nests deeper than 20 levels", "[".repeat(100_000));
    refusedWith(":1: ", "nests deeper than 20 levels", "{a: ".repeat(50_000));
    refusedWith(":", "nests deeper than 20 levels", "- ".repeat(50_000));
    refusedWith(": ", "is larger than 256 KiB", "#".repeat(300_000));
    refusedWith(":", "more than 20000 values", "- a\n".repeat(30_000));
    refusedWith(":1: ", "uses a merge key", "<<: {a: b}");
    refusedWith(":1: ", "uses the tag \"!!binary\"", "on: !!binary push");
    refusedWith(
        ":1: ",
        "is not a name",
        "name: " + "x".repeat(200_000),
        "on: push",
        "jobs: {a: {steps: x}}");
  }

  @Test
  void brokenYamlPointsAtItsLine() {
    refusedWith(
        ":3: is not valid YAML: ",
        "indent with spaces",
        "on: push",
        "jobs:",
        "\ta:",
        "\t\tsteps: x");
    refusedWith(
        ":3: ", "has the key \"on\" twice, first in line 1", "on: push", "jobs: {}", "on: push");
    refusedWith(":2: ", "is not valid YAML", "on: [push", "jobs: x");
    refusedWith(": ", "is empty", "");
    refusedWith(": ", "is empty", "# nothing here");
    refusedWith(":", "more than one document", "on: push", "---", "on: push");
    refusedWith(":2: ", "character that YAML does not allow", "on: push", "name: \u0007");
    refusedWith(":1: the file: is a list", "write a map", "- a");
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    var files = new DefinitionFiles(Map.of("ci.yaml", new byte[] {'o', 'n', (byte) 0xff}));
    assertThat(errors(files))
        .isEqualTo(List.of(".holdfast/ci.yaml: is not UTF-8 text; save it as UTF-8"));
  }

  @ParameterizedTest
  @CsvSource({"60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "a b c d e", "*/0 * * * *"})
  void schedulesThatCannotBeAreRefused(String cron) {
    refusedWith(
        ":1: on.schedule",
        "makes no sense",
        "on: {schedule: '" + cron + "'}",
        "jobs: {a: {steps: x}}");
  }
}
