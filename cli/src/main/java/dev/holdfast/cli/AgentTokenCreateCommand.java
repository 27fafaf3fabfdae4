package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast agent token create}. */
@CommandLine.Command(
    name = "create",
    description = "Makes a token for an agent and prints it, this once: the server keeps its hash.",
    footer = {
      "",
      "Examples:",
      "  holdfast agent token create build-1 --out agent-token",
      "  holdfast agent --server https://ci.example.org --token-file agent-token"
    })
final class AgentTokenCreateCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "Of the agent, for people.")
  String name = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the token there, readable for you alone, and do not print it.")
  @Nullable Path out;

  AgentTokenCreateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields made = api().post("/api/v1/agent-tokens", new JsonFields().text("name", name));
    String token = made.text("token");
    if (out != null) {
      Path file = terminal.resolve(out);
      DataDirectory.writeSecret(file, token);
      if (json) {
        var fields = new JsonFields();
        fields.text("id", made.text("id"));
        fields.text("name", name);
        fields.text("file", file.toString());
        terminal.json(fields.json());
      } else {
        terminal.out().println("Made " + Plain.of(made.text("id")) + "; the token is in " + file);
      }
    } else if (json) {
      terminal.json(made.json());
    } else {
      terminal.out().println(Plain.of(token));
      terminal
          .err()
          .println(
              "Keep it: it is not shown again. Revoke it: holdfast agent token revoke "
                  + Plain.of(made.text("id")));
    }
    return ExitCode.OK;
  }
}
