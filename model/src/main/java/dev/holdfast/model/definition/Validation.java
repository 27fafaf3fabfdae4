package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The rules that make workflows fit together. Pure. */
public final class Validation {
  public static final int MOST_JOBS = 256;
  public static final int MOST_WORKFLOWS = 100;

  /** Nobody mends more at a time. */
  private static final int MOST_PROBLEMS = 50;

  private Validation() {}

  /** Everything wrong with these workflows, in the order of the document; empty if all is well. */
  public static List<Problem> problems(List<Workflow> workflows) {
    var found = new ArrayList<Problem>();
    if (workflows.size() > MOST_WORKFLOWS) {
      found.add(
          new Problem(
              "workflows",
              "has " + workflows.size() + " workflows; the most is " + MOST_WORKFLOWS));
    }
    var names = new HashSet<Name>();
    for (Workflow workflow : workflows) {
      String path = "workflows[" + workflow.name() + "]";
      if (!names.add(workflow.name())) {
        found.add(
            new Problem(
                path, "two workflows are named " + workflow.name() + "; rename one of them"));
      }
      workflow(workflow, path, (at, message) -> found.add(new Problem(at, message)));
    }
    return found.stream().limit(MOST_PROBLEMS).toList();
  }

  private static void workflow(Workflow workflow, String path, BiConsumer<String, String> problem) {
    var jobs = new LinkedHashMap<Name, Job>();
    for (Job job : workflow.jobs()) {
      String at = path + ".jobs[" + job.name() + "]";
      if (jobs.putIfAbsent(job.name(), job) != null) {
        problem.accept(at, "two jobs are named " + job.name() + "; rename one of them");
      }
      var steps = new HashSet<String>();
      for (Step step : job.steps()) {
        if (!steps.add(step.name())) {
          problem.accept(
              at + ".steps[" + step.name() + "]",
              "two steps of job "
                  + job.name()
                  + " are named "
                  + Quote.of(step.name())
                  + "; rename one of them");
        }
      }
    }
    int planned = workflow.jobs().stream().mapToInt(Job::combinations).sum();
    if (planned > MOST_JOBS) {
      problem.accept(
          path + ".jobs",
          "a run of it would have "
              + planned
              + " jobs, matrices counted; the most is "
              + MOST_JOBS);
    }
    var folded = new HashMap<String, Name>();
    for (Job job : workflow.jobs()) {
      String at = path + ".jobs[" + job.name() + "]";
      Name alike = folded.putIfAbsent(variable(job.name()), job.name());
      if (alike != null && !alike.equals(job.name())) {
        problem.accept(
            at,
            "jobs "
                + alike
                + " and "
                + job.name()
                + " would have the same environment variables "
                + "(HOLDFAST_NEEDS_"
                + variable(job.name())
                + "_…); rename one of them");
      }
      services(job, at, problem);
      phases(job, at, problem);
      SecretOutputs.problems(job, jobs, at, problem);
      KeptFiles.problems(job, jobs, at, problem);
      if (job.needs().isEmpty() && job.when().filter(w -> w == When.FAILURE).isPresent()) {
        problem.accept(
            at, "job " + job.name() + " waits for a failure but needs no job; add needs");
      }
    }
    for (Job job : workflow.jobs()) {
      for (int i = 0; i < job.needs().size(); i++) {
        Name need = job.needs().get(i);
        String at = path + ".jobs[" + job.name() + "].needs[" + i + "]";
        if (!jobs.containsKey(need)) {
          problem.accept(
              at,
              "job "
                  + job.name()
                  + " needs "
                  + need
                  + ", which this workflow does not have; it has "
                  + jobs.keySet().stream()
                      .map(Name::value)
                      .limit(5)
                      .collect(Collectors.joining(", ")));
        } else if (job.needs().indexOf(need) < i) {
          problem.accept(at, "job " + job.name() + " needs " + need + " twice; remove one");
        }
      }
    }
    List<Name> cycle = cycle(jobs);
    if (!cycle.isEmpty()) {
      problem.accept(
          path + ".jobs[" + cycle.getFirst() + "].needs",
          "jobs need each other in a circle: "
              + cycle.stream().map(Name::value).collect(Collectors.joining(" needs "))
              + "; remove one of these needs");
    }
  }

  private static void services(Job job, String path, BiConsumer<String, String> problem) {
    if (!job.services().isEmpty() && job.image().isEmpty()) {
      problem.accept(
          path + ".services",
          "job "
              + job.name()
              + " has services, which only containers can have beside them, and names no image for"
              + " its own; give it one");
    }
    if (!job.services().isEmpty() && job.tier().filter(Tier.MICROVM::equals).isPresent()) {
      problem.accept(
          path + ".services",
          "job "
              + job.name()
              + " has services, which only containers can have beside them, and wants the tier"
              + " microvm; lower its tier to container, or remove its services");
    }
    var names = new HashSet<String>();
    for (Service service : job.services()) {
      if (!names.add(service.name())) {
        problem.accept(
            path + ".services[" + service.name() + "]",
            "two services of job "
                + job.name()
                + " are named "
                + service.name()
                + "; rename one of them");
      }
    }
  }

  private static void phases(Job job, String path, BiConsumer<String, String> problem) {
    boolean installed = false;
    for (Step step : job.steps()) {
      String at = path + ".steps[" + step.name() + "]";
      String named = "the step " + Quote.of(step.name()) + " of job " + job.name();
      if (!step.installs()) {
        installed = true;
      } else if (installed) {
        problem.accept(
            at,
            named
                + " installs, and stands behind one that does not; steps of the phase install come"
                + " first");
      }
      if (step.installs() && !step.secretNames().isEmpty()) {
        problem.accept(
            at,
            named
                + " installs, and such steps are given no secret; name "
                + step.secretNames().stream().sorted().findFirst().orElseThrow()
                + " in a later step");
      }
      if (step.installs() && !step.audiences().isEmpty()) {
        problem.accept(
            at,
            named
                + " installs, and such steps are given no token; ask for the one for "
                + step.audiences().stream().sorted().findFirst().orElseThrow()
                + " in a later step");
      }
    }
  }

  /** How a name stands in the name of an environment variable. */
  public static String variable(Name name) {
    return name.value().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** A circle, its first job repeated at its end; empty if there is none. */
  private static List<Name> cycle(Map<Name, Job> jobs) {
    // Take away jobs whose needs are all gone until nothing changes: what is left holds a circle.
    var left = new LinkedHashMap<Name, Set<Name>>();
    var dependants = new HashMap<Name, List<Name>>();
    jobs.forEach((name, job) -> {
      var needs = job.needs().stream().filter(jobs::containsKey).collect(Collectors.toSet());
      left.put(name, new HashSet<>(needs));
      needs.forEach(n -> dependants.computeIfAbsent(n, k -> new ArrayList<>()).add(name));
    });
    var free = new ArrayDeque<Name>();
    left.forEach((name, needs) -> {
      if (needs.isEmpty()) {
        free.add(name);
      }
    });
    while (!free.isEmpty()) {
      Name gone = free.remove();
      left.remove(gone);
      for (Name dependant : dependants.getOrDefault(gone, List.of())) {
        Set<Name> needs = left.get(dependant);
        if (needs != null && needs.remove(gone) && needs.isEmpty()) {
          free.add(dependant);
        }
      }
    }
    if (left.isEmpty()) {
      return List.of();
    }
    var walked = new ArrayList<Name>();
    Name at = left.keySet().iterator().next();
    while (!walked.contains(at)) {
      walked.add(at);
      at = left.getOrDefault(at, Set.of()).iterator().next();
    }
    var circle = new ArrayList<>(walked.subList(walked.indexOf(at), walked.size()));
    circle.add(at);
    return circle;
  }
}
