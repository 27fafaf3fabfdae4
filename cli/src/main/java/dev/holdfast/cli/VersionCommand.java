package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.wire.agent.AgentApi;
import java.util.LinkedHashMap;
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
      var fields = new LinkedHashMap<String, Json>();
      fields.put("version", new Json.Str(Version.number()));
      fields.put("java", new Json.Str(java));
      fields.put("agent-api", Json.Num.of(AgentApi.VERSION));
      fields.put("lock-file", Json.Num.of(LockFile.VERSION));
      terminal.json(new Json.Obj(fields));
    } else {
      terminal.out().println(Version.line() + " (Java " + java + ")");
    }
    return ExitCode.OK;
  }
}
