package dev.holdfast.model.trigger;

import dev.holdfast.model.definition.Glob;
import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Decides which workflows an event starts. Pure. */
public final class Triggers {
  private static final Set<PullRequestAction> USUAL_ACTIONS =
      Set.of(PullRequestAction.OPENED, PullRequestAction.SYNCHRONIZED, PullRequestAction.REOPENED);

  /** More changed files than anybody filters by; bounds what one event can cost. */
  private static final int MOST_PATHS = 3000;

  private Triggers() {}

  /**
   * Whether {@code happening} starts {@code workflow}.
   *
   * @param changed asked for only if a filter on paths has to be decided
   */
  public static Match match(
      Workflow workflow, Happening happening, Supplier<ChangedFiles> changed) {
    var refusals = new ArrayList<String>();
    for (Trigger trigger : workflow.on()) {
      switch (match(workflow, trigger, happening, changed)) {
        case Match.Starts starts -> {
          return starts;
        }
        case Match.DoesNotStart(var reason) -> refusals.add(reason);
      }
    }
    return new Match.DoesNotStart(String.join("; ", refusals.stream().distinct().toList()));
  }

  private static Match match(
      Workflow workflow, Trigger trigger, Happening happening, Supplier<ChangedFiles> changed) {
    return switch (happening) {
      case Happening.Push push ->
          trigger instanceof Trigger.Push on ? push(on, push, changed) : other(trigger, "a push");
      case Happening.Tag tag ->
          trigger instanceof Trigger.Push on ? tag(on, tag) : other(trigger, "a tag");
      case Happening.PullRequest request ->
          trigger instanceof Trigger.PullRequest on
              ? pullRequest(on, request, changed)
              : other(trigger, "a pull request");
      case Happening.Manual manual ->
          !manual.workflow().equals(workflow.name())
              ? no("another workflow was asked for")
              : trigger instanceof Trigger.Manual on
                  ? manual(on, manual.inputs())
                  : other(trigger, "a manual start");
      case Happening.Schedule schedule ->
          schedule.workflow().equals(workflow.name())
                  && trigger instanceof Trigger.Schedule(var cron)
                  && cron.equals(schedule.cron())
              ? yes("schedule " + cron)
              : no("it has no schedule " + schedule.cron());
    };
  }

  private static Match push(Trigger.Push on, Happening.Push push, Supplier<ChangedFiles> changed) {
    if (on.branches().isEmpty() && !on.tags().isEmpty()) {
      return no("push is limited to tags");
    }
    if (!Glob.allows(on.branches(), push.ref().value())) {
      return no(branch(push.ref().value(), on.branches()));
    }
    return paths("push to " + Quote.of(push.ref().value()), on.paths(), changed);
  }

  private static Match tag(Trigger.Push on, Happening.Tag tag) {
    if (on.tags().isEmpty()) {
      return no("push names no tags");
    }
    return Glob.allows(on.tags(), tag.ref().value())
        ? yes("tag " + Quote.of(tag.ref().value()))
        : no("tag " + Quote.of(tag.ref().value()) + " is not among " + on.tags());
  }

  private static Match pullRequest(
      Trigger.PullRequest on, Happening.PullRequest request, Supplier<ChangedFiles> changed) {
    Set<PullRequestAction> actions =
        on.actions().isEmpty() ? USUAL_ACTIONS : Set.copyOf(on.actions());
    if (!actions.contains(request.action())) {
      return no("the action " + request.action() + " is not among its actions");
    }
    if (!Glob.allows(on.branches(), request.base().value())) {
      return no(branch(request.base().value(), on.branches()));
    }
    return paths("pull request " + request.number(), on.paths(), changed);
  }

  private static Match manual(Trigger.Manual on, Map<String, String> given) {
    for (String name : given.keySet()) {
      if (on.inputs().stream().noneMatch(i -> i.name().value().equals(name))) {
        return no("it has no input " + Quote.of(name));
      }
    }
    for (Input input : on.inputs()) {
      Optional<String> value =
          Optional.ofNullable(given.get(input.name().value())).or(input::initial);
      if (value.isEmpty()) {
        return no("the input " + input.name() + " is not given");
      }
      Optional<String> refusal = input.refusal(value.get());
      if (refusal.isPresent()) {
        return no(refusal.get());
      }
    }
    return yes("manual start");
  }

  private static Match paths(String what, List<String> filter, Supplier<ChangedFiles> changed) {
    if (filter.isEmpty()) {
      return yes(what);
    }
    return switch (changed.get()) {
      case ChangedFiles.Unknown(var reason) ->
          yes(what + "; which files changed is not known: " + reason);
      case ChangedFiles.Known(var paths) when paths.size() > MOST_PATHS ->
          yes(what + "; more than " + MOST_PATHS + " files changed, so none was looked at");
      case ChangedFiles.Known(var paths) ->
          paths.stream()
              .filter(path -> Glob.allows(filter, path))
              .findFirst()
              .<Match>map(path -> yes(what + ", which changes " + Quote.of(path)))
              .orElseGet(() -> no("no changed file is among the paths " + filter));
    };
  }

  private static String branch(String name, List<String> filter) {
    return "branch " + Quote.of(name) + " is not among " + filter;
  }

  private static Match other(Trigger trigger, String happened) {
    String on =
        switch (trigger) {
          case Trigger.Push push -> "push";
          case Trigger.PullRequest request -> "pull requests";
          case Trigger.Manual manual -> "a manual start";
          case Trigger.Schedule schedule -> "a schedule";
        };
    return no("it waits for " + on + ", not for " + happened);
  }

  private static Match yes(String reason) {
    return new Match.Starts(reason);
  }

  private static Match no(String reason) {
    return new Match.DoesNotStart(reason);
  }
}
