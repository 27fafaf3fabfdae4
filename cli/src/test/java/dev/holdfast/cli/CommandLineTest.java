package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {
  @TempDir Path directory = Path.of("");

  static Stream<List<String>> commands() {
    var all = new ArrayList<List<String>>();
    collect(CommandTree.full(new Cli(Path.of("/")).terminal()), List.of(), all);
    return all.stream();
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> all) {
    all.add(path);
    command
        .getSubcommands()
        .forEach((name, below) -> {
          var longer = new ArrayList<>(path);
          longer.add(name);
          collect(below, longer, all);
        });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfWithAnExample(List<String> path) {
    var call = new ArrayList<>(path);
    call.add("--help");
    Cli.Result help = new Cli(directory).run(call.toArray(String[]::new));
    assertThat(help.code()).isZero();
    assertThat(help.err()).isEmpty();
    String name = String.join(" ", path.isEmpty() ? List.of("holdfast") : path);
    assertThat(help.out()).contains("Examples:", "  holdfast").contains(name);
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(101));
    assertThat(help.out()).doesNotContain("null", "\u001b");
  }

  @Test
  void aCallBuildsOnlyTheCommandThatItNames() {
    CommandLine line = CommandTree.forCall(new Cli(directory).terminal(), List.of("runs"));
    assertThat(line.getSubcommands().keySet()).containsExactly("runs");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rnus              | rnus is not a command of holdfast; did you mean runs?",
        "agnet             | agnet is not a command of holdfast; did you mean agent?",
        "xyzzy             | xyzzy is not a command of holdfast",
        "runs --limti 3    | --limti is not an argument of holdfast runs; did you mean --limit?",
        "runs --limit x    | Invalid value for option '--limit': 'x' is not an int",
        "repo ad           | ad is not a command of holdfast repo; did you mean add?",
        "show              | Missing required parameter: 'RUN'",
        "show a b          | b is not an argument of holdfast show",
      })
  void aTypingErrorIsOneLineWithTheNearestAndCode2(String call, String line) {
    Cli.Result result = new Cli(directory).run(call.split(" +"));
    assertThat(result.err().lines().findFirst()).hasValue("holdfast: " + line);
    assertThat(result.err().lines().count()).isEqualTo(2);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void hostileArgumentsAreRepeatedHarmlessly() {
    Cli.Result result = new Cli(directory).run("\u001b]0;x\u0007\u202e");
    assertThat(result.err()).doesNotContain("\u001b", "\u0007", "\u202e").contains("\\x1b]0;x");
  }

  @Test
  void holdfastAloneShowsWhatThereIs() {
    Cli.Result result = new Cli(directory).run();
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).contains("Write workflows:", "Follow runs:", "Operate:");
    CommandTree.names().forEach(name -> assertThat(result.out()).contains("  " + name + " "));
  }

  @Test
  void versionIsTheBuilds() {
    assertThat(new Cli(directory).run("--version").out()).matches("holdfast \\d+\\.\\d+\\.\\d+\\R");
    assertThat(new Cli(directory).run("version", "--json").out())
        .matches(
            "\\{\"version\":\"\\d+\\.\\d+\\.\\d+\",\"java\":\"25[^\"]*\",\"agent-api\":1,"
                + "\"lock-file\":1}\\R");
  }

  @Test
  void bashTakesTheCompletion() throws IOException, InterruptedException {
    Path script = directory.resolve("completion");
    Files.writeString(script, new Cli(directory).run("completion", "bash").out());
    var bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "set -eu; . \"$1\"; COMP_WORDS=(holdfast ru); COMP_CWORD=1;"
                    + " COMP_LINE='holdfast ru'; COMP_POINT=11;"
                    + " _complete_holdfast; echo \"${COMPREPLY[@]}\"",
                "bash",
                script.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    assertThat(said.strip().split(" ")).containsExactly("run", "runs");
  }

  @Test
  void fishGetsEveryCommandAndQuotesWhatItSays() {
    String script = new Cli(directory).run("completion", "fish").out();
    CommandTree.names().forEach(name -> assertThat(script).contains(" -a " + name + " -d '"));
    assertThat(script).contains("'__fish_seen_subcommand_from repo; and not").contains("\\'");
  }

  @Test
  void anUnknownShellIsRefused() {
    Cli.Result result = new Cli(directory).run("completion", "tcsh");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo("holdfast: \"tcsh\" is not a shell known here; write bash, zsh or fish\n");
  }
}
