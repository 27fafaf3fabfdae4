package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast hold reject}. */
@CommandLine.Command(
    name = "reject",
    description = "Ends what waits, without anything of it having run.",
    footer = {"", "Examples:", "  holdfast hold reject app#7 --reason 'mines coins'"})
final class HoldRejectCommand extends ClientCommand {
  @Parameters(paramLabel = "HOLD", description = HoldView.NAMING)
  String hold = "";

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Why; its author and the audit log are told.")
  String reason = "";

  HoldRejectCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Api api = api();
    HoldView found = HoldView.one(api, hold);
    Fields answer =
        api.post(
            "/api/v1/holds/" + Api.escape(found.id()) + "/reject",
            new JsonFields().text("reason", reason));
    if (json) {
      terminal.json(answer.json());
    } else {
      terminal.out().println("Rejected " + Plain.of(found.title()));
    }
    return ExitCode.OK;
  }
}
