package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast relay credential}. */
@CommandLine.Command(
    name = "credential",
    description =
        "Has this server show the relay another credential from now on. Nobody sees either; the one"
            + " before is taken for a while yet, or not at all.",
    footer = {
      "",
      "Examples:",
      "  holdfast relay credential",
      "  holdfast relay credential --overlap 0     somebody may have the old one"
    })
final class RelayCredentialCommand extends ClientCommand {
  @Option(
      names = "--overlap",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the relay still takes the one before; at most a week. Default:"
              + " ${DEFAULT-VALUE}.")
  long overlap;

  RelayCredentialCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields made = api().post("/api/v1/relay/credential", overlap(overlap));
    if (json) {
      terminal.json(made.json());
    } else if (made.has("problem")) {
      terminal
          .err()
          .println(
              "The relay does not take the new one yet, and is told again every minute: "
                  + Plain.of(made.text("problem"), 500));
    } else {
      terminal
          .out()
          .println(
              overlap == 0
                  ? "New credential; the one before counts no more."
                  : "New credential; the one before counts for " + overlap + " s yet.");
    }
    return ExitCode.OK;
  }

  static JsonFields overlap(long seconds) {
    if (seconds < 0) {
      throw new Refusal(ExitCode.USAGE, "--overlap is below 0; give seconds, or 0 for none");
    }
    return new JsonFields().number("overlap-seconds", seconds);
  }
}
