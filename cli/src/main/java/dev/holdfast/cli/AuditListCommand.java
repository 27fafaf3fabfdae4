package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code holdfast audit list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists what is on record, oldest first. With --json: one entry a line.",
    footer = {
      "",
      "Examples:",
      "  holdfast audit list --who ann --since 2026-01-01T00:00:00Z",
      "  holdfast audit list --what hold.approve",
      "  holdfast audit list --on run_01hx…"
    })
final class AuditListCommand extends ClientCommand {
  @Mixin AuditAsked asked = new AuditAsked();

  AuditListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    if (json) {
      asked.each(api(), entry -> terminal.json(entry.json()));
      return ExitCode.OK;
    }
    var table =
        new Table(terminal.style(), "NUMBER", "WHEN", "WHO", "FROM", "WHAT", "ON", "ENDED", "WHY");
    var count = new AtomicInteger();
    asked.each(
        api(),
        entry -> {
          count.incrementAndGet();
          var reasons = entry.list("reasons").stream().map(reason -> reason.text()).toList();
          table
              .cell(entry.text("number"))
              .cell(entry.text("at"))
              .cell(Plain.of(entry.text("name"), 30))
              .cell(entry.has("from") ? Plain.of(entry.text("from"), 40) : "")
              .cell(Plain.of(entry.text("action"), 30))
              .cell(Plain.of(entry.text("subject"), 40))
              .state(entry.text("outcome"))
              .cell(Plain.of(String.join("; ", reasons), 100))
              .end();
        });
    if (count.get() == 0) {
      terminal.err().println("Nothing like that is on record.");
    } else {
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
