package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast identity}. */
@CommandLine.Command(
    name = "identity",
    description = {
      "The keys with which this installation signs the tokens of jobs. They change by themselves"
          + " every 30 days; see docs/identity.md."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Examples:", "  holdfast identity replace-keys"})
final class IdentityCommand extends Command {
  IdentityCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new IdentityCommand(terminal)).addSubcommand(new ReplaceKeys(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast identity replace-keys");
  }

  /** {@code holdfast identity replace-keys}. */
  @CommandLine.Command(
      name = "replace-keys",
      description = {
        "Takes all keys away that sign tokens of jobs, and makes another one that signs at once. For"
            + " when one may have become known. Verifiers that keep the old ones go on believing"
            + " them until they look again, and refuse tokens by the new one until then."
      },
      footer = {"", "Examples:", "  holdfast identity replace-keys"})
  static final class ReplaceKeys extends ClientCommand {
    ReplaceKeys(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields replaced = api().post("/api/v1/identity/replace-keys", new JsonFields());
      if (json) {
        terminal.json(replaced.json());
      } else {
        terminal.out().println("The key " + Plain.of(replaced.text("key")) + " signs from now on.");
      }
      return ExitCode.OK;
    }
  }
}
