package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code holdfast audit export}. */
@CommandLine.Command(
    name = "export",
    description = "Prints what is on record as JSON, one entry a line, each with its hash.",
    footer = {"", "Examples:", "  holdfast audit export > audit.jsonl"})
final class AuditExportCommand extends ClientCommand {
  @Mixin AuditAsked asked = new AuditAsked();

  AuditExportCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    asked.each(api(), entry -> terminal.json(entry.json()));
    return ExitCode.OK;
  }
}
