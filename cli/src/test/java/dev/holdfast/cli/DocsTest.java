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
import org.junit.jupiter.params.provider.MethodSource;
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

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
              docs.filter(Files::isRegularFile))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void pagesLeadToPagesAndNameCommandsThatExist(Path page) throws IOException {
    String text = Files.readString(page);
    for (String link : found(text, "\\]\\(([^)#:]+)\\)")) {
      assertThat(page.resolveSibling(link)).exists();
    }
    assertThat(unknown(found(text, "(?m)(?:`|^|[;&] )(?:dist/bin/)?holdfast ([a-z][a-z -]*)")))
        .isEmpty();
  }

  @Test
  void whatBrowsersAreShownNamesCommandsThatExist() throws IOException {
    var named = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("orchestrator/src/main/jte"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        named.addAll(found(Files.readString(file), "<code>holdfast ([a-z][a-z -]*)"));
      }
    }
    assertThat(named).hasSizeGreaterThan(5);
    assertThat(unknown(named)).isEmpty();
    assertThat(unknown(List.of("run start", "agent token create", "agent tokens")))
        .as("control")
        .containsExactly("agent tokens");
  }

  /** Those that name something below a command that is not there. */
  private static List<String> unknown(List<String> commands) {
    CommandLine all = CommandTree.full(new Cli(Path.of("/")).terminal());
    return commands.stream()
        .filter(words -> !exists(all, words.replaceFirst(" -.*", "").split(" +")))
        .toList();
  }

  private static boolean exists(CommandLine all, String... words) {
    CommandLine at = all;
    for (String word : words) {
      if (word.isEmpty() || at.getSubcommands().isEmpty()) {
        return true;
      }
      CommandLine below = at.getSubcommands().get(word);
      if (below == null) {
        return false;
      }
      at = below;
    }
    return true;
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
