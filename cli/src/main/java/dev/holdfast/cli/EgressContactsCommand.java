package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast egress contacts}. */
@CommandLine.Command(
    name = "contacts",
    description =
        "Lists what an attempt reached, and what it was refused. With --json: one a line.",
    footer = {"", "Examples:", "  holdfast egress contacts att_01h…"})
final class EgressContactsCommand extends ClientCommand {
  @Parameters(paramLabel = "ATTEMPT", description = "Its id, as `holdfast show RUN` prints it.")
  String attempt = "";

  EgressContactsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Fields> contacts =
        api().get("/api/v1/attempts/" + Api.escape(attempt) + "/contacts").list("contacts");
    if (json) {
      contacts.forEach(c -> terminal.json(c.json()));
    } else if (contacts.isEmpty()) {
      terminal.err().println("It reached nothing and tried nothing.");
    } else {
      var table = new Table(terminal.style(), "RESULT", "NAME", "ADDRESS", "PORT", "PACKETS");
      for (Fields contact : contacts) {
        table
            .cell(contact.is("allowed") ? "allowed" : "refused")
            .cell(contact.has("name") ? Plain.of(contact.text("name")) : "")
            .cell(Plain.of(contact.text("address")))
            .cell(contact.text("port") + "/" + Plain.of(contact.text("protocol")))
            .cell(contact.text("packets"))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
