package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import java.util.Map;
import picocli.CommandLine;

/** {@code holdfast policy clear}. */
@CommandLine.Command(
    name = "clear",
    description = "Takes a policy away, so that the wider one applies, or the default.",
    footer = {"", "Examples:", "  holdfast policy clear --repository app"})
final class PolicyClearCommand extends PolicyScoped {
  PolicyClearCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    api().delete(scoped("/api/v1/policy", Map.of()));
    if (!json) {
      terminal.out().println("Cleared");
    }
    return ExitCode.OK;
  }
}
