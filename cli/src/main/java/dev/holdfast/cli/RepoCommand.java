package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast repo}. */
@CommandLine.Command(
    name = "repo",
    description = "The repositories that the server works for.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast repo add /srv/git/app.git",
      "  holdfast repo add --github octo/app --forge-token-file token",
      "  holdfast repo list",
      "  holdfast repo webhook app",
      "  holdfast repo remove app"
    })
final class RepoCommand extends Command {
  RepoCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast repo add, list, webhook or remove");
  }
}
