package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast cancel}. */
@CommandLine.Command(
    name = "cancel",
    description = {
      "Stops a run: what runs is told to stop, what waits does not start.",
      "A run that is over is refused."
    },
    footer = {"", "Examples:", "  holdfast cancel last", "  holdfast cancel app#7"})
final class CancelCommand extends ClientCommand {
  @Parameters(paramLabel = "RUN", description = RunView.NAMING)
  String run = "";

  CancelCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Api api = api();
    String id = RunView.id(api, run);
    Fields answer = api.post("/api/v1/runs/" + Api.escape(id) + "/cancel", new JsonFields());
    if (json) {
      terminal.json(answer.json());
    } else {
      terminal.out().println("Cancelled " + Plain.of(id));
    }
    return ExitCode.OK;
  }
}
