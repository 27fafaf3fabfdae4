package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast hold show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows what waits: who, from where, why, and exactly what would run.",
    footer = {"", "Examples:", "  holdfast hold show app#7", "  holdfast hold show last --json"})
final class HoldShowCommand extends ClientCommand {
  @Parameters(paramLabel = "HOLD", description = HoldView.NAMING)
  String hold = "";

  HoldShowCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    for (HoldView found : HoldView.find(api(), hold)) {
      if (json) {
        terminal.json(found.fields().json());
      } else {
        found.print(terminal);
      }
    }
    return ExitCode.OK;
  }
}
