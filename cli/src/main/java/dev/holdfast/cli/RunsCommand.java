package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast runs}. */
@CommandLine.Command(
    name = "runs",
    description = "Lists runs, newest first. With --json: one run a line.",
    footer = {
      "",
      "Examples:",
      "  holdfast runs                          the newest 20",
      "  holdfast runs --branch main --limit 5",
      "  holdfast runs --state failed --json | jq -r .id"
    })
final class RunsCommand extends ClientCommand {
  private static final int WIDEST_REF = 40;

  @Option(names = "--repository", paramLabel = "NAME", description = "Only runs of it.")
  @Nullable String repository;

  @Option(names = "--branch", paramLabel = "NAME", description = "Only runs at it.")
  @Nullable String branch;

  @Option(names = "--workflow", paramLabel = "NAME", description = "Only runs of it.")
  @Nullable String workflow;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "queued, running, succeeded, failed or cancelled.")
  @Nullable String state;

  @Option(names = "--commit", paramLabel = "HASH", description = "Only runs at this commit.")
  @Nullable String commit;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most N runs; ${DEFAULT-VALUE} where not given.")
  int limit;

  @Option(names = "--before", paramLabel = "RUN", description = "Only runs older than this id.")
  @Nullable String before;

  RunsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    if (limit < 1 || limit > 1000) {
      throw new Refusal(ExitCode.USAGE, "--limit is " + limit + "; give 1 to 1000");
    }
    var query = new LinkedHashMap<String, Optional<String>>();
    query.put("repository", Optional.ofNullable(repository));
    query.put("branch", Optional.ofNullable(branch));
    query.put("workflow", Optional.ofNullable(workflow));
    query.put("state", Optional.ofNullable(state));
    query.put("commit", Optional.ofNullable(commit));
    query.put("limit", Optional.of(Integer.toString(limit)));
    query.put("before", Optional.ofNullable(before));
    List<RunView> runs = RunView.page(api(), query);
    if (json) {
      runs.forEach(run -> terminal.json(run.fields().json()));
    } else if (runs.isEmpty()) {
      terminal.err().println("No runs. Push to a repository, or `holdfast start` a workflow.");
    } else {
      table(runs).lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }

  private Table table(List<RunView> runs) {
    Instant now = terminal.clock().instant();
    var table =
        new Table(
            terminal.style(),
            "RUN",
            "STATE",
            "WORKFLOW",
            "EVENT",
            "REF",
            "COMMIT",
            "WHEN",
            "TOOK",
            "ID");
    for (RunView run : runs) {
      table
          .cell(run.title())
          .state(run.state())
          .cell(run.workflow())
          .cell(run.event())
          .cell(Plain.of(run.ref(), WIDEST_REF))
          .cell(run.shortCommit())
          .cell(run.created().map(at -> Times.ago(at, now)).orElse(""))
          .cell(run.took(now).map(Times::length).orElse(""))
          .cell(run.id())
          .end();
    }
    return table;
  }
}
