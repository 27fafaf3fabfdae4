package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** {@code holdfast agent list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the agents that joined. With --json: one a line.",
    footer = {"", "Examples:", "  holdfast agent list", "  holdfast agent list --json"})
final class AgentListCommand extends ClientCommand {
  AgentListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Fields> agents = api().get("/api/v1/agents").list("agents");
    if (json) {
      agents.forEach(a -> terminal.json(a.json()));
    } else if (agents.isEmpty()) {
      terminal.err().println("No agents. `holdfast agent --help` says how one joins.");
    } else {
      Instant now = terminal.clock().instant();
      var table = new Table(terminal.style(), "NAME", "BACKEND", "BUSY", "LABELS", "SEEN", "ID");
      for (Fields agent : agents) {
        table
            .cell(agent.text("name"))
            .cell(agent.text("backend"))
            .cell(agent.text("running") + "/" + agent.text("capacity"))
            .cell(agent.list("labels").stream().map(Fields::text).collect(Collectors.joining(",")))
            .cell(agent.time("seen").map(at -> Times.ago(at, now)).orElse(""))
            .cell(agent.text("id"))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
