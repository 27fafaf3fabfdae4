package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast hold}. */
@CommandLine.Command(
    name = "hold",
    description = "What waits for a person before it runs, and what you say to it.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast hold list",
      "  holdfast hold show app#7",
      "  holdfast hold approve app#7",
      "  holdfast hold reject app#7 --reason 'mines coins'"
    })
final class HoldCommand extends Command {
  HoldCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE, "say what to do: holdfast hold list, show, approve, reject or again");
  }
}
