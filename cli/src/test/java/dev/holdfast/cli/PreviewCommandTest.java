package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreviewCommandTest {
  private static final String CI =
      """
      on:
        - push:
            branches: [main]
            paths: ["src/**"]
        - pull-request
        - manual:
            inputs:
              version: text
        - schedule: 30 4 * * *
      jobs:
        build:
          steps: make
        test:
          needs: build
          matrix:
            shard: [1, 2]
          steps: make test
      """;

  @TempDir Path directory = Path.of("");

  private Cli cli() throws IOException {
    Files.createDirectories(directory.resolve(".holdfast"));
    Files.createDirectories(directory.resolve("deep/below"));
    return new Cli(directory.resolve("deep/below"));
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(directory.resolve(".holdfast"));
    Files.writeString(directory.resolve(".holdfast").resolve(name), text);
  }

  @Test
  void showsWhatStartsAndWhyTheRestDoesNot() throws IOException {
    write("ci.yaml", CI);
    write("docs.yaml", "on: {push: {branches: docs}}\njobs: {a: {steps: ls}}\n");
    Cli.Result result = cli().run("preview", "push", "--branch", "main", "--changed", "src/A.java");
    assertThat(result.out())
        .isEqualTo(
            """
            ci  starts  push to "main", which changes "src/A.java"
              build
              test[shard=1]  after build
              test[shard=2]  after build
            docs  does not start  branch "main" is not among [docs]
            """);
    assertThat(result.code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "push --branch main --changed docs/x | does not start",
        "push --branch main                  | starts",
        "push --branch $(reboot)             | does not start",
        "tag --tag v1                        | does not start",
        "pull-request --base main            | starts",
        "pull-request --action closed        | does not start",
        "manual                              | does not start",
        "manual --input version=1            | starts",
        "schedule                            | starts",
      })
  void decidesAsTheServerDoes(String event, String decision) throws IOException {
    write("ci.yaml", CI);
    Cli.Result result = cli().run(("preview " + event.strip()).split(" +"));
    assertThat(result.out()).startsWith("ci  " + decision + "  ");
    assertThat(result.code()).isZero();
  }

  @Test
  void isJsonLinesForScripts() throws IOException {
    write("ci.yaml", "on: push\njobs: {a: {steps: ls}, b: {needs: a, steps: ls}}\n");
    assertThat(cli().run("preview", "push", "--json").out())
        .isEqualTo(
            "{\"workflow\":\"ci\",\"starts\":true,\"reason\":\"push to \\\"main\\\"\","
                + "\"jobs\":[{\"key\":\"a\",\"needs\":[]},{\"key\":\"b\",\"needs\":[\"a\"]}]}\n");
  }

  @Test
  void badDefinitionsAreShownAtTheirLines() throws IOException {
    write("ci.yaml", "on: push\njobs:\n  a:\n    needs: b\n    steps: ls\n");
    Cli.Result result = cli().run("preview", "push");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .startsWith(".holdfast/ci.yaml:4: ")
        .endsWith("\nholdfast: the definition has an error\n");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void badEventsAreUsageErrors() throws IOException {
    write("ci.yaml", CI);
    assertThat(cli().run("preview", "pish").code()).isEqualTo(2);
    assertThat(cli().run("preview", "push", "--branch", "a..b").err())
        .isEqualTo("holdfast: --branch: \"a..b\" is not the name of a branch or tag\n");
    assertThat(cli().run("preview", "tag").err()).isEqualTo("holdfast: say which: --tag NAME\n");
    assertThat(cli().run("preview", "pull-request", "--action", "eaten").code()).isEqualTo(2);
  }

  @Test
  void noWorkflowsAreSaidToBeNone() throws IOException {
    assertThat(cli().run("preview", "push").code()).isEqualTo(4);
    assertThat(new Cli(Path.of("/")).run("preview", "push").err())
        .contains("there is no .holdfast folder", "holdfast init");
  }
}
