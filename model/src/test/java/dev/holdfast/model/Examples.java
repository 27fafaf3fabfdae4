package dev.holdfast.model;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Small definitions for tests. */
public final class Examples {
  private Examples() {}

  public static Step step(String name) {
    return new Step.Command(
        name, "true", Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static Job job(String name, String... needs) {
    return job(name, Map.of(), Optional.empty(), needs);
  }

  public static Job job(
      String name, Map<String, List<String>> matrix, Optional<When> when, String... needs) {
    return new Job(
        new Name(name),
        Stream.of(needs).map(Name::new).toList(),
        List.of(),
        Optional.empty(),
        Map.of(),
        matrix,
        Optional.empty(),
        when,
        Optional.empty(),
        List.of(step("only")));
  }

  public static Workflow workflow(Trigger on, Job... jobs) {
    return new Workflow(new Name("ci"), List.of(on), List.of(jobs));
  }

  public static Workflow workflow(Job... jobs) {
    return workflow(new Trigger.Push(List.of(), List.of(), List.of()), jobs);
  }
}
