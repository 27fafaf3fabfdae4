package dev.holdfast.cli;

import dev.holdfast.cli.local.LocalPlan;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.plan.Planner;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trigger.Match;
import dev.holdfast.model.trigger.Triggers;
import dev.holdfast.orchestrator.definition.Definitions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of a definition to run here.
 *
 * @param workflow asked for by name
 * @param event asked for by kind
 * @param job the only one to run
 */
record RunSelection(
    @Nullable String workflow,
    @Nullable String event,
    @Nullable String tag,
    Map<String, String> inputs,
    @Nullable String job) {

  List<LocalPlan> plans(Definitions.Valid definition, RefName ref, CommitId commit, Instant now) {
    var plans = new ArrayList<LocalPlan>();
    for (Workflow each : chosen(definition, ref, commit)) {
      var happened =
          new Event("local", "local", now, Optional.empty(), happening(each, ref, commit));
      plans.add(new LocalPlan(each, happened, jobs(each), definition.sources()));
    }
    return plans;
  }

  private List<Workflow> chosen(Definitions.Valid definition, RefName ref, CommitId commit) {
    List<Workflow> all = definition.workflows();
    if (workflow != null) {
      List<Workflow> named = all.stream().filter(w -> w.name().value().equals(workflow)).toList();
      if (named.isEmpty()) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "there is no workflow " + Plain.of(workflow) + "; there are " + names(all));
      }
      return named;
    }
    Happening happening = asked(ref, commit);
    List<Workflow> started =
        all.stream()
            .filter(w ->
                Triggers.match(w, happening, () -> new ChangedFiles.Unknown("this is a local run"))
                    instanceof Match.Starts)
            .toList();
    if (started.isEmpty()) {
      throw new Refusal(
          ExitCode.NOT_FOUND,
          "this event would start no workflow; name one: holdfast run "
              + names(all).replace(", ", ", holdfast run "));
    }
    return started;
  }

  private static String names(List<Workflow> workflows) {
    return workflows.stream().map(w -> w.name().value()).collect(Collectors.joining(", "));
  }

  /** The event on the command line; a push where there is none. */
  private Happening asked(RefName ref, CommitId commit) {
    return switch (event == null ? "push" : event) {
      case "push" -> new Happening.Push(ref, commit, Optional.empty(), false);
      case "tag" -> new Happening.Tag(tagName(), commit);
      case "pull-request" ->
          new Happening.PullRequest(
              1, PullRequestAction.OPENED, new RefName("main"), commit, ref, commit, false);
      default ->
          throw new Refusal(
              ExitCode.USAGE,
              Quote.of(String.valueOf(event))
                  + " is not an event to run here; write push, tag or pull-request, or name a"
                  + " workflow");
    };
  }

  private RefName tagName() {
    try {
      return new RefName(tag == null ? "" : tag);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, "--tag: " + e.getMessage(), e);
    }
  }

  private Happening happening(Workflow of, RefName ref, CommitId commit) {
    if (event != null || workflow == null) {
      return asked(ref, commit);
    }
    return new Happening.Manual(of.name(), ref, commit, given(of));
  }

  /** The inputs, with the workflow's own values for those not given. */
  private Map<String, String> given(Workflow of) {
    var values = new LinkedHashMap<String, String>();
    List<Input> known =
        of.on().stream()
            .filter(Trigger.Manual.class::isInstance)
            .flatMap(t -> ((Trigger.Manual) t).inputs().stream())
            .toList();
    for (String name : inputs.keySet()) {
      if (known.stream().noneMatch(i -> i.name().value().equals(name))) {
        throw new Refusal(
            ExitCode.USAGE,
            "the workflow "
                + of.name()
                + " has no input "
                + Quote.of(name)
                + (known.isEmpty()
                    ? ""
                    : "; it has "
                        + known.stream()
                            .map(Input::name)
                            .map(Name::value)
                            .collect(Collectors.joining(", "))));
      }
    }
    for (Input input : known) {
      String value = inputs.getOrDefault(input.name().value(), input.initial().orElse(null));
      if (value == null) {
        throw new Refusal(ExitCode.USAGE, "give the input: --input " + input.name() + "=VALUE");
      }
      input
          .refusal(value)
          .ifPresent(why -> {
            throw new Refusal(ExitCode.USAGE, why);
          });
      values.put(input.name().value(), value);
    }
    return values;
  }

  private List<PlannedJob> jobs(Workflow of) {
    List<PlannedJob> all = Planner.plan(of);
    if (job == null) {
      return all;
    }
    List<PlannedJob> some =
        all.stream()
            .filter(j -> j.key().equals(job) || j.job().name().value().equals(job))
            .map(RunSelection::alone)
            .toList();
    if (some.isEmpty()) {
      throw new Refusal(
          ExitCode.NOT_FOUND,
          "the workflow "
              + of.name()
              + " has no job "
              + Plain.of(job)
              + "; it has "
              + all.stream().map(j -> Plain.of(j.key())).collect(Collectors.joining(", ")));
    }
    return some;
  }

  /** Without what it needs and the condition on that: whoever asks for one job wants it to run. */
  private static PlannedJob alone(PlannedJob planned) {
    Job of = planned.job();
    var free =
        new Job(
            of.name(),
            List.of(),
            of.runsOn(),
            of.image(),
            of.env(),
            of.matrix(),
            of.directory(),
            Optional.empty(),
            of.timeout(),
            of.tier(),
            of.user(),
            of.services(),
            of.approval(),
            of.environments(),
            of.steps());
    return new PlannedJob(planned.key(), planned.matrix(), List.of(), free);
  }
}
