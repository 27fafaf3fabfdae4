package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast egress}. */
@CommandLine.Command(
    name = "egress",
    description = "What jobs may reach over the network, and what they did reach.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast egress explain 10.0.0.5:5432 --policy agent.yaml --repository app",
      "  holdfast egress contacts ATTEMPT",
      "  holdfast egress learn app"
    })
final class EgressCommand extends Command {
  EgressCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast egress explain, holdfast egress contacts or holdfast egress learn");
  }
}
