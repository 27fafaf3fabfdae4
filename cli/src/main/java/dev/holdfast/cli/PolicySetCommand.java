package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast policy set}. */
@CommandLine.Command(
    name = "set",
    description = {
      "Sets a policy from a JSON file, as holdfast policy show --json prints it.",
      "What waits under it is decided anew. A repository's may be less strict only in what the"
          + " installation's may-loosen names."
    },
    footer = {"", "Examples:", "  holdfast policy set policy.json"})
final class PolicySetCommand extends PolicyScoped {
  @Parameters(paramLabel = "FILE", description = "The policy; - for standard input.")
  Path file = Path.of("-");

  PolicySetCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields answer = api().put(scoped("/api/v1/policy", Map.of()), read(file));
    if (json) {
      terminal.json(answer.json());
    } else {
      terminal.out().println(lines(answer.at("effective")));
    }
    return ExitCode.OK;
  }
}
