package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.plan.Planner;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trigger.Match;
import dev.holdfast.model.trigger.Triggers;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.definition.Definitions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast preview}. */
@CommandLine.Command(
    name = "preview",
    description = {
      "Shows which workflows and jobs an event would start, and why the others would not.",
      "Reads the working tree's .holdfast as data, by the rules the server uses; runs nothing and"
          + " asks no server. With --json: one workflow a line."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast preview push --branch main",
      "  holdfast preview push --branch main --changed docs/index.md",
      "  holdfast preview tag --tag v1.4.0",
      "  holdfast preview pull-request --base main",
      "  holdfast preview manual --workflow release --input version=1.4.0",
      "  holdfast preview schedule --workflow nightly --cron \"30 4 * * *\""
    })
final class PreviewCommand extends Command {
  /** Matching does not look at the commit, and it is not shown. */
  private static final CommitId NO_MATTER = new CommitId("f".repeat(40));

  @Mixin LocalEvent event = new LocalEvent();

  @Option(names = "--json", description = "Print JSON, for scripts.")
  boolean json;

  PreviewCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    WorkingTree tree = WorkingTree.of(terminal);
    List<Workflow> workflows =
        switch (DefinitionReader.read(tree.definitionFiles())) {
          case Definitions.Valid valid -> valid.workflows();
          case Definitions.Invalid(var errors) -> throw WorkingTree.invalid(errors);
          case Definitions.Absent absent ->
              throw new Refusal(
                  ExitCode.NOT_FOUND,
                  tree.folder() + " has no workflows; write one, or compile the Java ones");
        };
    Happening happening = event.happening(NO_MATTER, workflows);
    ChangedFiles changed = event.changedFiles();
    for (Workflow workflow : workflows) {
      Match match = Triggers.match(workflow, happening, () -> changed);
      if (json) {
        terminal.json(json(workflow, match));
      } else {
        print(workflow, match);
      }
    }
    return ExitCode.OK;
  }

  private void print(Workflow workflow, Match match) {
    Style style = terminal.style();
    String name = style.bold(workflow.name().value());
    String reason = Plain.of(match.reason());
    switch (match) {
      case Match.Starts starts -> {
        terminal.out().println(name + "  " + style.good("starts") + "  " + reason);
        for (PlannedJob job : Planner.plan(workflow)) {
          String needs = job.needs().isEmpty() ? "" : "  after " + String.join(", ", job.needs());
          terminal.out().println("  " + Plain.of(job.key()) + style.dim(Plain.of(needs)));
        }
      }
      case Match.DoesNotStart not ->
          terminal.out().println(name + "  " + style.dim("does not start") + "  " + reason);
    }
  }

  private static Json json(Workflow workflow, Match match) {
    var fields = new JsonFields();
    fields.text("workflow", workflow.name().value());
    fields.flag("starts", match instanceof Match.Starts);
    fields.text("reason", match.reason());
    if (match instanceof Match.Starts) {
      var jobs = new ArrayList<Json>();
      for (PlannedJob job : Planner.plan(workflow)) {
        var fieldsOfJob = new JsonFields();
        fieldsOfJob.text("key", job.key());
        fieldsOfJob.texts("needs", job.needs());
        jobs.add(fieldsOfJob.json());
      }
      fields.put("jobs", new Json.Arr(jobs));
    }
    return fields.json();
  }
}
