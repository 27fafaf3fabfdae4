package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import picocli.CommandLine;

/** {@code holdfast schema}. */
@CommandLine.Command(
    name = "schema",
    description = {
      "Prints the JSON schema of lock files and YAML workflows, for editors and other tools."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast schema > workflows.schema.json",
      "  # yaml-language-server: $$schema=workflows.schema.json    first line of .holdfast/ci.yaml"
    })
final class SchemaCommand extends Command {
  /** Where the build puts the published schema. */
  private static final String RESOURCE = "/dev/holdfast/schema/lock-file.schema.json";

  SchemaCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws IOException {
    try (InputStream in = SchemaCommand.class.getResourceAsStream(RESOURCE)) {
      Objects.requireNonNull(in, RESOURCE).transferTo(terminal.out());
    }
    return ExitCode.OK;
  }
}
