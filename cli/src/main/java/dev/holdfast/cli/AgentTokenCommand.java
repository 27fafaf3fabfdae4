package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast agent token}. */
@CommandLine.Command(
    name = "token",
    description = "The tokens by which agents join. The server keeps only their hashes.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast agent token create build-1 --out /etc/holdfast/agent-token",
      "  holdfast agent token list",
      "  holdfast agent token revoke tok_01k3…"
    })
final class AgentTokenCommand extends Command {
  AgentTokenCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast agent token create, holdfast agent token list or holdfast agent"
            + " token revoke");
  }
}
