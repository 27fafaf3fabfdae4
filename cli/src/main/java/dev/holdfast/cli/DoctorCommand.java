package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.doctor.Doctor;
import dev.holdfast.cli.doctor.Finding;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast doctor}. */
@CommandLine.Command(
    name = "doctor",
    description = {
      "Looks at this host and says what it can do, what is weak, and how to mend it. It tries things"
          + " for real: it makes a sandbox, asks the container engine, starts the runner's Java,"
          + " starts a machine, since that /dev/kvm opens does not say that machines run.",
      "Ends with 1 if nothing here can run jobs. With --json: one finding a line."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast doctor",
      "  holdfast doctor --json | jq -r 'select(.grade != \"ok\") | .mend'"
    })
final class DoctorCommand extends Command {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data folder whose disk to look at; else the default one.")
  @Nullable Path data;

  @Mixin MachinePolicy policy = new MachinePolicy();

  @Option(names = "--json", description = "Print JSON, for scripts.")
  boolean json;

  DoctorCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Doctor.Report report;
    try (var _ = Progress.of(terminal, "trying what this host can do")) {
      report =
          new Doctor(
                  terminal.env(),
                  DataDirectory.of(terminal, data).path(),
                  policy.settings(terminal))
              .examine();
    }
    if (json) {
      report.findings().forEach(f -> terminal.json(json(f)));
    } else {
      print(report);
    }
    return report.runsJobs() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Json json(Finding finding) {
    var fields = new JsonFields();
    fields.text("subject", finding.subject());
    fields.text("grade", finding.grade().word());
    fields.text("says", finding.says());
    if (!finding.mend().isEmpty()) {
      fields.text("mend", finding.mend());
    }
    return fields.json();
  }

  private void print(Doctor.Report report) {
    Style style = terminal.style();
    var table = new Table(style, "WHAT", "GRADE", "FOUND");
    for (Finding finding : report.findings()) {
      table.cell(finding.subject()).state(finding.grade().word()).cell(finding.says()).end();
      if (!finding.mend().isEmpty()) {
        table.cell("").cell("").cell("→ " + finding.mend()).end();
      }
    }
    table.lines().forEach(terminal.out()::println);
    terminal.out().println();
    terminal
        .out()
        .println(
            report.runsJobs()
                ? style.good("This host can run jobs.")
                : style.bad("Nothing on this host can run jobs.")
                    + " Mend what is "
                    + Plain.of("missing")
                    + ".");
  }
}
