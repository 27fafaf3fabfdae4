package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast cache}. */
@CommandLine.Command(
    name = "cache",
    description = "What jobs keep for later runs.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Examples:", "  holdfast cache list app", "  holdfast cache remove app cac_01"})
final class CacheCommand extends Command {
  private CacheCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new CacheCommand(terminal))
        .addSubcommand(new ListCommand(terminal))
        .addSubcommand(new RemoveCommand(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast cache list or remove");
  }

  private static String path(String repository) {
    return "/api/v1/repositories/" + Api.escape(repository) + "/caches";
  }

  /** {@code holdfast cache list}. */
  @CommandLine.Command(
      name = "list",
      description = {
        "Lists the caches of a repository, those used last first: whose they are, and how far the"
            + " run that wrote one is trusted. With --json: one a line."
      },
      footer = {"", "Examples:", "  holdfast cache list app"})
  static final class ListCommand extends ClientCommand {
    @Parameters(paramLabel = "REPOSITORY", description = "As `holdfast repo list` shows it.")
    String repository = "";

    ListCommand(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> found = api().get(path(repository)).list("caches");
      if (json) {
        found.forEach(cache -> terminal.json(cache.json()));
      } else if (found.isEmpty()) {
        terminal.err().println("No caches: no job of this repository has kept any.");
      } else {
        Instant now = terminal.clock().instant();
        var table = new Table(terminal.style(), "KEY", "OF", "TRUST", "BYTES", "USED", "ID");
        for (Fields cache : found) {
          table
              .cell(cache.text("key"))
              .cell(cache.text("scope"))
              .cell(cache.text("trust"))
              .cell(cache.text("size"))
              .cell(cache.time("used").map(at -> Times.ago(at, now)).orElse(""))
              .cell(cache.text("id"))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast cache remove}. */
  @CommandLine.Command(
      name = "remove",
      description = "Removes a cache; the next job that wants it builds it anew.",
      footer = {"", "Examples:", "  holdfast cache remove app cac_01"})
  static final class RemoveCommand extends ClientCommand {
    @Parameters(
        index = "0",
        paramLabel = "REPOSITORY",
        description = "As `holdfast repo list` shows it.")
    String repository = "";

    @Parameters(index = "1", paramLabel = "ID", description = "As `holdfast cache list` shows it.")
    String id = "";

    RemoveCommand(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(path(repository) + "/" + Api.escape(id));
      if (json) {
        var fields = new JsonFields();
        fields.text("removed", id);
        terminal.json(fields.json());
      } else {
        terminal.out().println("Removed " + Plain.of(id));
      }
      return ExitCode.OK;
    }
  }
}
