package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast policy test}. */
@CommandLine.Command(
    name = "test",
    description = {
      "Says which of the newest events would have come to something else under a policy.",
      "Nothing is changed. People and repositories are looked up as they are now."
    },
    footer = {"", "Examples:", "  holdfast policy test policy.json --events 500"})
final class PolicyTestCommand extends PolicyScoped {
  @Parameters(paramLabel = "FILE", description = "The policy; - for standard input.")
  Path file = Path.of("-");

  @Option(
      names = "--events",
      paramLabel = "COUNT",
      description = "How many of the newest ones; else ${DEFAULT-VALUE}, at most 1000.")
  int events = 100;

  PolicyTestCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    Fields answer =
        api()
            .post(
                scoped(
                    "/api/v1/policy/test", Map.of("events", Optional.of(Integer.toString(events)))),
                read(file));
    List<Fields> differences = answer.list("differences");
    if (json) {
      differences.forEach(difference -> terminal.json(difference.json()));
      return ExitCode.OK;
    }
    for (Fields difference : differences) {
      terminal
          .out()
          .println(
              Plain.of(difference.text("repository"))
                  + " "
                  + Plain.of(difference.text("what"))
                  + " at "
                  + Plain.of(difference.text("commit"), 12));
      terminal.out().println("  now   " + Plain.of(difference.text("now")));
      terminal.out().println("  then  " + Plain.of(difference.text("then")));
    }
    terminal
        .out()
        .println(differences.size() + " of " + answer.number("events", 0) + " events differ");
    return ExitCode.OK;
  }
}
