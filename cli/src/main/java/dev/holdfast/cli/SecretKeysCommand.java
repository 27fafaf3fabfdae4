package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;

/** {@code holdfast secret keys}. */
@CommandLine.Command(
    name = "keys",
    description = "Shows the master keys by name, and how far their rotation is.",
    footer = {"", "Examples:", "  holdfast secret keys"})
final class SecretKeysCommand extends ClientCommand {
  SecretKeysCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields answer = api().get("/api/v1/master-keys");
    if (json) {
      terminal.json(answer.json());
      return ExitCode.OK;
    }
    var table = new Table(terminal.style(), "KEY", "WRAPS", "STATE");
    for (Fields key : answer.list("keys")) {
      table.cell(key.text("name")).cell(key.text("wraps")).cell(state(key)).end();
    }
    table.lines().forEach(terminal.out()::println);
    Fields rotation = answer.at("rotation");
    if (rotation.has("number") && !rotation.has("finished")) {
      terminal
          .err()
          .println(
              "A rotation to "
                  + Plain.of(rotation.text("master"))
                  + " is under way; "
                  + rotation.number("left", 0)
                  + " data keys are left."
                  + (rotation.has("problem")
                      ? " It cannot end: " + Plain.of(rotation.text("problem"), 1000)
                      : ""));
    }
    return ExitCode.OK;
  }

  static String state(Fields key) {
    if (!key.is("here")) {
      return "missing";
    }
    if (key.is("current")) {
      return "wraps";
    }
    return key.is("may-go") ? "may go" : "needed";
  }
}
