package dev.holdfast.cli;

import dev.holdfast.cli.RunView.AttemptView;
import dev.holdfast.cli.RunView.JobView;
import dev.holdfast.cli.RunView.StepView;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows one run: what started it, its jobs, their attempts and steps.",
    footer = {
      "",
      "Examples:",
      "  holdfast show last",
      "  holdfast show app#7",
      "  holdfast show last --exit-code     1 unless it succeeded, for scripts"
    })
final class ShowCommand extends ClientCommand {
  @Parameters(paramLabel = "RUN", description = RunView.NAMING)
  String run = "";

  @Option(names = "--exit-code", description = "End with 1 if the run failed or was cancelled.")
  boolean exitCode;

  ShowCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    RunView found = RunView.find(api(), run);
    if (json) {
      terminal.json(found.fields().json());
    } else {
      print(found);
    }
    return exitCode && found.over() ? found.result() : ExitCode.OK;
  }

  private void print(RunView found) {
    Style style = terminal.style();
    Instant now = terminal.clock().instant();
    var out = terminal.out();
    out.println(
        style.bold(Plain.of(found.title()))
            + "  "
            + style.state(Plain.of(found.state()))
            + found.took(now).map(t -> " after " + Times.length(t)).orElse(""));
    out.println(
        Plain.of(found.workflow())
            + " for "
            + Plain.of(found.event())
            + " of "
            + Plain.of(found.ref())
            + " at "
            + Plain.of(found.commit())
            + found.created().map(at -> ", " + Times.ago(at, now)).orElse(""));
    out.println(style.dim(Plain.of(found.id())));
    found.message().forEach(line -> out.println(("says  " + Plain.of(line)).stripTrailing()));
    found.reason().lines().forEach(line -> out.println(style.bad("why") + "  " + Plain.of(line)));
    if (!found.trust().isEmpty()) {
      out.println("trust  " + Plain.of(found.trust()));
      found.decided().forEach(line -> out.println("       " + Plain.of(line)));
    }
    if (!found.definitions().isEmpty()) {
      out.println("definitions of " + Plain.of(found.definitions()));
    }
    if (found.state().equals("held")) {
      out.println(
          style.weak("It waits for a person: holdfast hold show " + Plain.of(found.title())));
    }
    if (found.jobs().isEmpty()) {
      return;
    }
    out.println();
    var table = new Table(style, "JOB", "STATE", "TOOK", "ATTEMPT", "AGENT", "REASON");
    for (JobView job : found.jobs()) {
      job(table, job, now);
    }
    table.lines().forEach(out::println);
    String summary = found.fields().text("summary");
    if (!summary.isBlank()) {
      out.println();
      summary.lines().forEach(line -> out.println(Plain.of(line)));
    }
  }

  private static void job(Table table, JobView job, Instant now) {
    if (job.attempts().isEmpty()) {
      table
          .cell(job.key())
          .state(job.state())
          .cell("")
          .cell("")
          .cell("")
          .cell(Plain.of(job.reason(), 200))
          .end();
      return;
    }
    AttemptView last = job.attempts().getLast();
    for (AttemptView attempt : job.attempts()) {
      table
          .cell(job.key())
          .state(attempt.equals(last) ? job.state() : attempt.state())
          .cell(attempt.took(now).map(Times::length).orElse(""))
          .cell(Long.toString(attempt.number()))
          .cell(attempt.agent())
          .cell(note(attempt))
          .end();
    }
    for (StepView step : last.steps()) {
      table
          .cell("  " + Plain.of(step.name(), 60))
          .state(step.state())
          .cell(step.took(now).map(Times::length).orElse(""))
          .end();
    }
  }

  private static String note(AttemptView attempt) {
    return attempt.reason().isEmpty() && !attempt.image().isEmpty()
        ? Plain.of("image " + attempt.image(), 200)
        : Plain.of(attempt.reason(), 200);
  }
}
