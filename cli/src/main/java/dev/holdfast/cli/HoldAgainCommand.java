package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast hold again}. */
@CommandLine.Command(
    name = "again",
    description = {
      "Has what waits decided anew: everybody and everything is looked up once more.",
      "For when the forge could not be asked, or the policy could not be read."
    },
    footer = {"", "Examples:", "  holdfast hold again app#7"})
final class HoldAgainCommand extends ClientCommand {
  @Parameters(paramLabel = "HOLD", description = HoldView.NAMING)
  String hold = "";

  HoldAgainCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Api api = api();
    // One event may hold several; once is enough for all of them.
    HoldView found = HoldView.find(api, hold).getFirst();
    Fields answer =
        api.post("/api/v1/holds/" + Api.escape(found.id()) + "/again", new JsonFields());
    if (json) {
      terminal.json(answer.json());
    } else {
      terminal.out().println("Decided anew: " + Plain.of(found.title()) + "; see holdfast runs");
    }
    return ExitCode.OK;
  }
}
