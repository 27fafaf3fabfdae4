package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import picocli.CommandLine;

/** {@code holdfast relay status}. */
@CommandLine.Command(
    name = "status",
    description =
        "Says how it stands between this server and the relay by which its webhooks come: whether"
            + " the relay answers, what waits there, what it dropped.",
    footer = {"", "Examples:", "  holdfast relay status", "  holdfast relay status --json"})
final class RelayStatusCommand extends ClientCommand {
  RelayStatusCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields said = api().get("/api/v1/relay");
    if (json) {
      terminal.json(said.json());
      return ExitCode.OK;
    }
    String since =
        said.time("since").map(at -> Times.ago(at, terminal.clock().instant())).orElse("");
    line("Relay", said.text("url"));
    line("State", said.text("state") + (since.isEmpty() ? "" : ", since " + since));
    if (said.has("problem")) {
      line("Problem", said.text("problem"));
    }
    if (said.has("tenant")) {
      line("Tenant", said.text("tenant"));
    }
    line("Sources", said.text("sources"));
    line("Waiting", said.text("waiting"));
    line("Dropped", said.text("dropped"));
    return ExitCode.OK;
  }

  private void line(String name, String value) {
    terminal.out().println(String.format("%-8s ", name) + Plain.of(value, 500));
  }
}
