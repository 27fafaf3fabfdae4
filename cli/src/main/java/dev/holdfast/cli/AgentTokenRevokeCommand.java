package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast agent token revoke}. */
@CommandLine.Command(
    name = "revoke",
    description = "Makes a token worthless. An agent that uses it is refused from then on.",
    footer = {"", "Examples:", "  holdfast agent token revoke tok_01k3…"})
final class AgentTokenRevokeCommand extends ClientCommand {
  @Parameters(paramLabel = "ID", description = "As `holdfast agent token list` shows it.")
  String id = "";

  AgentTokenRevokeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    api().delete("/api/v1/agent-tokens/" + Api.escape(id));
    if (json) {
      var fields = new JsonFields();
      fields.text("revoked", id);
      terminal.json(fields.json());
    } else {
      terminal.out().println("Revoked " + Plain.of(id));
    }
    return ExitCode.OK;
  }
}
