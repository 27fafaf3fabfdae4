package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast audit}. */
@CommandLine.Command(
    name = "audit",
    description = {
      "What was done here, by whom, from where and why: a log that only grows, in which every entry"
          + " hangs on the one before.",
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast audit list --what hold.approve       who released what",
      "  holdfast audit list --on run_01hx…            why a run ran",
      "  holdfast audit export > audit.jsonl",
      "  holdfast audit verify"
    })
final class AuditCommand extends Command {
  AuditCommand(Terminal terminal) {
    super(terminal);
  }

  /** With its subcommands. */
  static CommandLine with(Terminal terminal) {
    return new CommandLine(new AuditCommand(terminal))
        .addSubcommand(new AuditListCommand(terminal))
        .addSubcommand(new AuditExportCommand(terminal))
        .addSubcommand(new AuditVerifyCommand(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast audit list, export or verify");
  }
}
