package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The pages for users say what the command says. {@code -Dholdfast.docs=write} makes them so. */
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path REFERENCE = ROOT.resolve("docs/cli.md");

  private static final String HEAD =
      """
      # Every command

      Generated from `holdfast COMMAND --help`, and held to it by `DocsTest`. Exit codes:
      [exit-codes.md](exit-codes.md). Every listing and result has `--json`: one object, or one object a
      line. Fields may be added; none is taken away or changes its meaning within a major version.
      Environment variables:

      | variable | |
      |---|---|
      | `HOLDFAST_DATA` | the data folder, where commands on a server's host find it |
      | `HOLDFAST_SERVER`, `HOLDFAST_TOKEN` | the server and the token, from anywhere |
      | `HOLDFAST_AGENT_TOKEN` | an agent's token |
      | `NO_COLOR` | no colours, also on a terminal |
      | `HOLDFAST_DEBUG` | errors show where in the code they came from |
      """;

  private static String reference() {
    var page = new StringBuilder(HEAD);
    add(CommandTree.full(new Cli(Path.of("/")).terminal()), List.of("holdfast"), page);
    return page.toString();
  }

  private static void add(CommandLine command, List<String> path, StringBuilder page) {
    String usage = command.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing();
    page.append("\n## ").append(String.join(" ", path)).append("\n\n```\n");
    usage.lines().forEach(line -> page.append(line.stripTrailing()).append('\n'));
    page.append("```\n");
    command
        .getSubcommands()
        .forEach((name, below) -> {
          var longer = new ArrayList<>(path);
          longer.add(name);
          add(below, longer, page);
        });
  }

  @Test
  void theReferenceIsWhatHelpSays() throws IOException {
    if ("write".equals(System.getProperty("holdfast.docs"))) {
      Files.writeString(REFERENCE, reference());
    }
    assertThat(REFERENCE).content().isEqualTo(reference());
  }

  @Test
  void theTableOfExitCodesIsTheEnum() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/exit-codes.md"));
    for (ExitCode code : ExitCode.values()) {
      assertThat(page).contains("| " + code.code() + " | " + code.meaning() + " |");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "CONTRIBUTING.md",
        "docs/getting-started.md",
        "docs/workflows.md",
        "docs/server.md",
        "docs/agent.md",
        "docs/probe.md",
        "docs/exit-codes.md"
      })
  void pagesLeadToPagesAndNameCommandsThatExist(String name) throws IOException {
    Path page = ROOT.resolve(name);
    String text = Files.readString(page);
    for (String link : found(text, "\\]\\(([^)#:]+)\\)")) {
      assertThat(page.resolveSibling(link)).exists();
    }
    assertThat(CommandTree.names())
        .containsAll(found(text, "(?m)(?:`|^|[;&] )(?:dist/bin/)?holdfast ([a-z]+)"));
  }

  private static List<String> found(String text, String pattern) {
    try (Stream<String> all =
        java.util.regex.Pattern.compile(pattern).matcher(text).results().map(r -> r.group(1))) {
      return all.distinct().toList();
    }
  }

  @Test
  void noFileIsLeftOutOfTheReadme() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
      assertThat(pages.filter(Files::isRegularFile).map(p -> "docs/" + p.getFileName()))
          .allSatisfy(page -> assertThat(readme).contains(page));
    }
  }
}
