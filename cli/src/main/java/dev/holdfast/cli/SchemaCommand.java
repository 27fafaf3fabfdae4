package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.orchestrator.definition.JsonSchema;
import picocli.CommandLine;

/** {@code holdfast schema}. */
@CommandLine.Command(
    name = "schema",
    description = "Prints the JSON schema of lock files, for tools that read or write them.",
    footer = {
      "",
      "Examples:",
      "  holdfast schema > holdfast.lock.schema.json",
      "  holdfast schema | jq '.\"$$defs\" | keys'"
    })
final class SchemaCommand extends Command {
  SchemaCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    terminal.out().print(JsonSchema.lockFile());
    return ExitCode.OK;
  }
}
