package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast hold list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists what waits for a person, oldest first. With --json: one a line.",
    footer = {"", "Examples:", "  holdfast hold list", "  holdfast hold list --repository app"})
final class HoldListCommand extends ClientCommand {
  @Option(names = "--repository", paramLabel = "NAME", description = "Only those of this one.")
  @Nullable String repository;

  HoldListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<HoldView> holds = HoldView.open(api(), Optional.ofNullable(repository));
    if (json) {
      holds.forEach(hold -> terminal.json(hold.fields().json()));
    } else if (holds.isEmpty()) {
      terminal.err().println("Nothing waits for a person.");
    } else {
      var table = new Table(terminal.style(), "RUN", "WHAT", "BY", "COMMIT", "EXPIRES", "WHY");
      for (HoldView hold : holds) {
        table
            .cell(Plain.of(hold.title()))
            .cell(Plain.of(hold.what(), 40))
            .cell(Plain.of(hold.contributor(), 40))
            .cell(Plain.of(hold.head(), 12))
            .cell(hold.fields().text("expires"))
            .cell(Plain.of(String.join("; ", hold.reasons()), 100))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }
}
