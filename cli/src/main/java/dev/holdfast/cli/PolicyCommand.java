package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast policy}. */
@CommandLine.Command(
    name = "policy",
    description = {
      "What is asked of code from people who are not trusted.",
      "It is kept by the server, never in the repository that it judges."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast policy show --json > policy.json",
      "  holdfast policy test policy.json",
      "  holdfast policy set policy.json",
      "  holdfast policy set --repository app stricter.json"
    })
final class PolicyCommand extends Command {
  PolicyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast policy show, set, test or clear");
  }
}
