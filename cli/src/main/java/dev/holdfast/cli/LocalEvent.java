package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.trigger.ChangedFiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An event that somebody describes on the command line. */
final class LocalEvent {
  @Parameters(paramLabel = "EVENT", description = "push, tag, pull-request, manual or schedule.")
  String kind = "";

  @Option(
      names = "--branch",
      paramLabel = "NAME",
      description = "The branch pushed, of the pull request, or to run at; else main.")
  @Nullable String branch;

  @Option(names = "--tag", paramLabel = "NAME", description = "The tag, for tag.")
  @Nullable String tag;

  @Option(
      names = "--base",
      paramLabel = "NAME",
      description = "The branch that the pull request is to go into; else main.")
  @Nullable String base;

  @Option(
      names = "--action",
      paramLabel = "ACTION",
      description = "What happened to the pull request; else opened.")
  @Nullable String action;

  @Option(
      names = "--changed",
      paramLabel = "PATH",
      description = "A file that the event changed; repeat for more. Where none is given, unknown.")
  List<String> changed = List.of();

  @Option(
      names = "--workflow",
      paramLabel = "NAME",
      description = "Which workflow is asked for, for manual and schedule.")
  @Nullable String workflow;

  @Option(
      names = "--input",
      paramLabel = "NAME=VALUE",
      description = "An input, for manual; repeat for more.")
  Map<String, String> inputs = new LinkedHashMap<>();

  @Option(names = "--cron", paramLabel = "CRON", description = "The schedule; else the workflow's.")
  @Nullable String cron;

  /** What is described, at {@code commit}. */
  Happening happening(CommitId commit, List<Workflow> workflows) {
    return switch (kind) {
      case "push" ->
          new Happening.Push(ref("--branch", branch, "main"), commit, Optional.empty(), false);
      case "tag" -> new Happening.Tag(ref("--tag", tag, null), commit);
      case "pull-request" ->
          new Happening.PullRequest(
              1,
              action(),
              ref("--base", base, "main"),
              commit,
              ref("--branch", branch, "topic"),
              commit,
              false);
      case "manual" ->
          new Happening.Manual(asked(workflows), ref("--branch", branch, "main"), commit, inputs);
      case "schedule" ->
          new Happening.Schedule(
              asked(workflows), schedule(workflows), ref("--branch", branch, "main"), commit);
      default ->
          throw new Refusal(
              ExitCode.USAGE,
              Quote.of(kind)
                  + " is not an event; write push, tag, pull-request, manual or schedule");
    };
  }

  ChangedFiles changedFiles() {
    return changed.isEmpty()
        ? new ChangedFiles.Unknown("none were named by --changed")
        : new ChangedFiles.Known(changed);
  }

  private static RefName ref(String option, @Nullable String given, @Nullable String otherwise) {
    String name = given != null ? given : otherwise;
    if (name == null) {
      throw new Refusal(ExitCode.USAGE, "say which: " + option + " NAME");
    }
    return checked(option, name, RefName::new);
  }

  private static <T> T checked(String option, String text, Function<String, T> type) {
    try {
      return type.apply(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, option + ": " + e.getMessage(), e);
    }
  }

  private PullRequestAction action() {
    return action == null
        ? PullRequestAction.OPENED
        : checked(
            "--action",
            action,
            text -> PullRequestAction.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  private Name asked(List<Workflow> workflows) {
    if (workflow != null) {
      return checked("--workflow", workflow, Name::new);
    }
    if (workflows.size() == 1) {
      return workflows.getFirst().name();
    }
    throw new Refusal(
        ExitCode.USAGE,
        "say which workflow: --workflow "
            + String.join(" or ", workflows.stream().map(w -> w.name().value()).toList()));
  }

  private String schedule(List<Workflow> workflows) {
    if (cron != null) {
      return cron;
    }
    Name name = asked(workflows);
    return workflows.stream()
        .filter(w -> w.name().equals(name))
        .flatMap(w -> w.on().stream())
        .filter(dev.holdfast.model.definition.Trigger.Schedule.class::isInstance)
        .map(t -> ((dev.holdfast.model.definition.Trigger.Schedule) t).cron())
        .findFirst()
        .orElse("0 0 * * *");
  }
}
