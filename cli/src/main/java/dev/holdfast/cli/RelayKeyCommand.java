package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast relay key}. */
@CommandLine.Command(
    name = "key",
    description =
        "Has the relay seal to a new key of this server's from now on. The old one is kept for as"
            + " long as something at the relay is sealed to it, and for an hour at least.",
    footer = {"", "Examples:", "  holdfast relay key"})
final class RelayKeyCommand extends ClientCommand {
  RelayKeyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields made = api().post("/api/v1/relay/key", new JsonFields());
    if (json) {
      terminal.json(made.json());
      return ExitCode.OK;
    }
    terminal.out().println("New key  " + Plain.of(made.text("key")));
    if (made.has("problem")) {
      terminal
          .err()
          .println(
              "The relay does not seal to it yet, and is told again within an hour: "
                  + Plain.of(made.text("problem"), 500));
    }
    return ExitCode.OK;
  }
}
