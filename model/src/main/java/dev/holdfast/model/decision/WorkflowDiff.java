package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.secret.SecretName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** How two versions of one workflow differ, in words. */
final class WorkflowDiff {
  private static final Map<String, Function<Job, Object>> ASPECTS = new LinkedHashMap<>();

  static {
    ASPECTS.put("what it needs", Job::needs);
    ASPECTS.put("the labels it runs on", Job::runsOn);
    ASPECTS.put("the image", Job::image);
    ASPECTS.put("the environment variables", Job::env);
    ASPECTS.put("the matrix", Job::matrix);
    ASPECTS.put("the directory", Job::directory);
    ASPECTS.put("the condition", Job::when);
    ASPECTS.put("the time limit", Job::timeout);
    ASPECTS.put("the tier", Job::tier);
    ASPECTS.put("the user", Job::user);
    ASPECTS.put("what it waits for", Job::approval);
    ASPECTS.put("the caches", Job::cache);
    ASPECTS.put("the artifacts", Job::artifacts);
    ASPECTS.put("whether it builds on caches", Job::caches);
  }

  private WorkflowDiff() {}

  static List<String> changes(Workflow before, Workflow after) {
    var changes = new ArrayList<String>();
    String of = " of workflow " + before.name();
    for (Trigger trigger : after.on()) {
      if (!before.on().contains(trigger)) {
        changes.add("adds or changes the trigger " + kind(trigger) + of);
      }
    }
    for (Trigger trigger : before.on()) {
      if (!after.on().contains(trigger)) {
        changes.add("removes or changes the trigger " + kind(trigger) + of);
      }
    }
    for (Named<Job> pair : Named.pairs(before.jobs(), after.jobs(), job -> job.name().value())) {
      switch (pair) {
        case Named.Added<Job>(var name, var job) -> {
          changes.add("adds the job " + name + of);
          job.environments().forEach(asked -> changes.add(asks(asked, name + of)));
          job.steps()
              .forEach(
                  step -> audiences(changes, step.name(), Set.of(), step.audiences(), name + of));
        }
        case Named.Removed<Job>(var name) -> changes.add("removes the job " + name + of);
        case Named.Both<Job>(var name, var old, var now) -> job(changes, old, now, name + of);
      }
    }
    // Whatever the words above do not know of yet is a change all the same.
    if (changes.isEmpty() && !before.equals(after)) {
      changes.add("changes the workflow " + before.name());
    }
    return changes;
  }

  private static void job(List<String> changes, Job before, Job after, String job) {
    int at = changes.size();
    ASPECTS.forEach((what, aspect) -> {
      Object old = aspect.apply(before);
      Object now = aspect.apply(after);
      if (!old.equals(now)) {
        changes.add("changes " + what + " of job " + job + values(old, now));
      }
    });
    environments(changes, before, after, job);
    for (Named<Service> pair : Named.pairs(before.services(), after.services(), Service::name)) {
      switch (pair) {
        case Named.Added<Service>(var name, var service) ->
            changes.add(
                "adds the service "
                    + name
                    + " from the image "
                    + Quote.of(service.image())
                    + " to job "
                    + job);
        case Named.Removed<Service>(var name) ->
            changes.add("removes the service " + name + " from job " + job);
        case Named.Both<Service>(var name, var old, var now) -> {
          if (!old.equals(now)) {
            changes.add(
                "changes the service "
                    + name
                    + " of job "
                    + job
                    + values(old.image(), now.image()));
          }
        }
      }
    }
    for (Named<Step> pair : Named.pairs(before.steps(), after.steps(), Step::name)) {
      switch (pair) {
        case Named.Added<Step>(var name, var step) -> {
          changes.add("adds the step " + Quote.of(name) + " to job " + job);
          secrets(changes, name, Set.of(), step.secretNames(), job);
          audiences(changes, name, Set.of(), step.audiences(), job);
          outputs(changes, name, List.of(), step.secretOutputs(), job);
        }
        case Named.Removed<Step>(var name) ->
            changes.add("removes the step " + Quote.of(name) + " from job " + job);
        case Named.Both<Step>(var name, var old, var now) -> {
          if (!old.equals(now)) {
            changes.add("changes the step " + Quote.of(name) + " of job " + job);
            secrets(changes, name, old.secretNames(), now.secretNames(), job);
            audiences(changes, name, old.audiences(), now.audiences(), job);
            outputs(changes, name, old.secretOutputs(), now.secretOutputs(), job);
            if (old.installs() && !now.installs()) {
              changes.add(
                  "has the step " + Quote.of(name) + " of job " + job + " no longer install");
            }
          }
        }
      }
    }
    if (changes.size() == at && !before.equals(after)) {
      changes.add("changes the job " + job + ", say the order of its steps");
    }
  }

  private static void environments(List<String> changes, Job before, Job after, String job) {
    int at = changes.size();
    for (EnvironmentPattern asked : after.environments()) {
      if (!before.environments().contains(asked)) {
        changes.add(asks(asked, job));
      }
    }
    for (EnvironmentPattern asked : before.environments()) {
      if (!after.environments().contains(asked)) {
        changes.add("no longer asks for the environment " + asked + " in job " + job);
      }
    }
    if (changes.size() == at && !before.environments().equals(after.environments())) {
      changes.add("changes the order of the environments of job " + job);
    }
  }

  private static String asks(EnvironmentPattern environment, String job) {
    return "asks for the environment " + environment + " in job " + job;
  }

  private static void outputs(
      List<String> changes, String step, List<Name> before, List<Name> after, String job) {
    String whose = " of the step " + Quote.of(step) + " of job " + job;
    after.stream()
        .filter(name -> !before.contains(name))
        .forEach(name -> changes.add("has the output " + name + whose + " secret"));
    before.stream()
        .filter(name -> !after.contains(name))
        .forEach(name -> changes.add("has the output " + name + whose + " no longer secret"));
  }

  private static void secrets(
      List<String> changes,
      String step,
      Set<SecretName> before,
      Set<SecretName> after,
      String job) {
    after.stream()
        .filter(name -> !before.contains(name))
        .sorted()
        .forEach(name ->
            changes.add(
                "has the step "
                    + Quote.of(step)
                    + " of job "
                    + job
                    + " ask for the secret "
                    + name));
  }

  private static void audiences(
      List<String> changes, String step, Set<Audience> before, Set<Audience> after, String job) {
    after.stream()
        .filter(audience -> !before.contains(audience))
        .sorted()
        .forEach(audience ->
            changes.add(
                "has the step "
                    + Quote.of(step)
                    + " of job "
                    + job
                    + " ask for a token for "
                    + audience));
  }

  /** Both values where they are short enough to help. */
  private static String values(Object before, Object after) {
    String old = value(before);
    String now = value(after);
    return old.length() + now.length() > 120
        ? ""
        : " from " + Quote.of(old, 120) + " to " + Quote.of(now, 120);
  }

  private static String value(Object value) {
    return value instanceof Optional<?> optional
        ? optional.map(Object::toString).orElse("none")
        : value.toString();
  }

  private static String kind(Trigger trigger) {
    return switch (trigger) {
      case Trigger.Push push -> "push";
      case Trigger.PullRequest request -> "pull request";
      case Trigger.Manual manual -> "manual";
      case Trigger.Schedule(var cron) -> "schedule " + Quote.of(cron);
    };
  }
}
