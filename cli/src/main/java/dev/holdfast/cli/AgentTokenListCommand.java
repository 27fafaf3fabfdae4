package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine;

/** {@code holdfast agent token list}. */
@CommandLine.Command(
    name = "list",
    description =
        "Lists the tokens of agents, never the tokens themselves. With --json: one a line.",
    footer = {"", "Examples:", "  holdfast agent token list"})
final class AgentTokenListCommand extends ClientCommand {
  AgentTokenListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Fields> tokens = api().get("/api/v1/agent-tokens").list("tokens");
    if (json) {
      tokens.forEach(t -> terminal.json(t.json()));
    } else if (tokens.isEmpty()) {
      terminal.err().println("No tokens. Make one: holdfast agent token create NAME");
    } else {
      Instant now = terminal.clock().instant();
      var table = new Table(terminal.style(), "ID", "NAME", "MADE");
      for (Fields token : tokens) {
        table
            .cell(token.text("id"))
            .cell(token.text("name"))
            .cell(token.time("created").map(at -> Times.ago(at, now)).orElse(""))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
