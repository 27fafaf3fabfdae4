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

/** {@code holdfast rerun}. */
@CommandLine.Command(
    name = "rerun",
    description = "Runs a run again that is over: the same event, commit and definition.",
    footer = {
      "",
      "Examples:",
      "  holdfast rerun last",
      "  holdfast rerun app#7 --failed-only && holdfast logs -f app#7 --exit-code"
    })
final class RerunCommand extends ClientCommand {
  @Parameters(paramLabel = "RUN", description = RunView.NAMING)
  String run = "";

  @Option(
      names = "--failed-only",
      description = "Only the jobs that did not succeed; the results of the others stay.")
  boolean failedOnly;

  RerunCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Api api = api();
    String id = RunView.id(api, run);
    Fields answer =
        api.post(
            "/api/v1/runs/" + Api.escape(id) + "/rerun",
            new JsonFields().flag("failed-only", failedOnly));
    if (json) {
      terminal.json(answer.json());
    } else {
      terminal.out().println("Runs again: " + Plain.of(id));
      terminal.err().println("Follow it: holdfast logs -f " + Plain.of(id));
    }
    return ExitCode.OK;
  }
}
