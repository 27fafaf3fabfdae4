package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.util.List;
import picocli.CommandLine;

/** {@code holdfast repo list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the repositories. With --json: one a line.",
    footer = {"", "Examples:", "  holdfast repo list", "  holdfast repo list --json | jq -r .name"})
final class RepoListCommand extends ClientCommand {
  RepoListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Fields> repositories = api().get("/api/v1/repositories").list("repositories");
    if (json) {
      repositories.forEach(r -> terminal.json(r.json()));
    } else if (repositories.isEmpty()) {
      terminal.err().println("No repositories. Add one: holdfast repo add PATH-OR-URL");
    } else {
      var table = new Table(terminal.style(), "NAME", "WHERE", "ID");
      for (Fields repository : repositories) {
        table
            .cell(repository.text("name"))
            .cell(repository.text("url"))
            .cell(repository.text("id"))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
