package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.util.Map;
import picocli.CommandLine;

/** {@code holdfast policy show}. */
@CommandLine.Command(
    name = "show",
    description = {
      "Shows the policy that applies. With --json: as holdfast policy set takes it.",
      "Ends with 1 if none applies, so that everything waits which is not trusted."
    },
    footer = {"", "Examples:", "  holdfast policy show", "  holdfast policy show --repository app"})
final class PolicyShowCommand extends PolicyScoped {
  PolicyShowCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields answer = api().get(scoped("/api/v1/policy", Map.of()));
    if (answer.has("problem")) {
      terminal.err().println("no policy applies: " + Plain.of(answer.text("problem")));
      return ExitCode.FAILED;
    }
    Fields effective = answer.at("effective");
    if (json) {
      terminal.json(effective.json());
    } else {
      terminal
          .err()
          .println(
              answer.has("set") ? "As it was set here." : "Nothing was set here; this applies.");
      terminal.out().println(lines(effective));
    }
    return ExitCode.OK;
  }
}
