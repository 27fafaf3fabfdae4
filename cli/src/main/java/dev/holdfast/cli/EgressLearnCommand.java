package dev.holdfast.cli;

import dev.holdfast.agent.egress.rule.Contact;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.Learn;
import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast egress learn}. */
@CommandLine.Command(
    name = "learn",
    description = {
      "Proposes the rules of a repository for the default `listed`, from what its last attempts"
          + " reached. What was refused is not proposed. Read it before you use it: a poisoned"
          + " dependency's address would be in it as well."
    },
    footer = {"", "Examples:", "  holdfast egress learn app --attempts 500"})
final class EgressLearnCommand extends ClientCommand {
  @Parameters(paramLabel = "REPOSITORY", description = "Its name.")
  String repository = "";

  @Option(
      names = "--attempts",
      paramLabel = "COUNT",
      description = "How many of the last ones; else ${DEFAULT-VALUE}.")
  int attempts = 100;

  EgressLearnCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Contact> contacts =
        api()
            .get(
                "/api/v1/repositories/" + Api.escape(repository) + "/contacts?attempts=" + attempts)
            .list("contacts")
            .stream()
            .flatMap(EgressLearnCommand::contact)
            .toList();
    List<Learn.Proposal> proposals = Learn.propose(contacts);
    if (proposals.isEmpty()) {
      terminal.err().println("Its last attempts reached nothing.");
      return ExitCode.OK;
    }
    terminal.out().println("- repository: " + Plain.of(repository));
    terminal.out().println("  default: listed");
    terminal.out().println("  rules:");
    for (Learn.Proposal proposal : proposals) {
      terminal
          .out()
          .println("    - \"" + proposal.rule() + "\"  # " + proposal.packets() + " packets");
    }
    return ExitCode.OK;
  }

  private static Stream<Contact> contact(Fields fields) {
    return Ip.parse(fields.text("address")).stream()
        .map(address ->
            new Contact(
                address,
                fields.has("name") ? Optional.of(fields.text("name")) : Optional.empty(),
                fields.text("protocol"),
                (int) fields.number("port", 0),
                fields.number("packets", 0),
                fields.number("bytes", 0),
                fields.is("allowed")));
  }
}
