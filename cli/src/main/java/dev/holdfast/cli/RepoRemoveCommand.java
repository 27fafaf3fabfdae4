package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast repo remove}. */
@CommandLine.Command(
    name = "remove",
    description =
        "Stops working for a repository and takes the hook back. Nothing else in it changes.",
    footer = {"", "Examples:", "  holdfast repo remove app"})
final class RepoRemoveCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "As `holdfast repo list` shows it.")
  String name = "";

  RepoRemoveCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    api().delete("/api/v1/repositories/" + Api.escape(name));
    if (json) {
      var fields = new JsonFields();
      fields.text("removed", name);
      terminal.json(fields.json());
    } else {
      terminal.out().println("Removed " + Plain.of(name));
    }
    return ExitCode.OK;
  }
}
