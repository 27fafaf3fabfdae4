package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.wire.agent.AgentApi;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast version}. */
@CommandLine.Command(
    name = "version",
    description = "Prints the version of Holdfast and of the Java that it runs on.",
    footer = {"", "Examples:", "  holdfast version", "  holdfast version --json"})
final class VersionCommand extends Command {
  @Option(names = "--json", description = "Print JSON, for scripts.")
  boolean json;

  VersionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    String java = System.getProperty("java.version", "unknown");
    if (json) {
      var fields = new JsonFields();
      fields.text("version", Version.number());
      fields.text("java", java);
      fields.number("agent-api", AgentApi.VERSION);
      fields.number("lock-file", LockFile.VERSION);
      terminal.json(fields.json());
    } else {
      terminal.out().println(Version.line() + " (Java " + java + ")");
    }
    return ExitCode.OK;
  }
}
