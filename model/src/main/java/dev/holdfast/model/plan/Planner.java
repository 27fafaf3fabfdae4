package dev.holdfast.model.plan;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Workflow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Expands a workflow to the jobs of a run. Pure. */
public final class Planner {
  private Planner() {}

  /**
   * The jobs of one run of {@code workflow}, which must be without {@link
   * dev.holdfast.model.definition.Problem}s, in the order of the definition.
   */
  public static List<PlannedJob> plan(Workflow workflow) {
    var keys = new LinkedHashMap<Name, List<String>>();
    var combinations = new LinkedHashMap<String, Map<String, String>>();
    for (Job job : workflow.jobs()) {
      var own = new ArrayList<String>();
      for (Map<String, String> values : combinations(job.matrix())) {
        String key =
            values.isEmpty()
                ? job.name().value()
                : values.entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(",", job.name() + "[", "]"));
        own.add(key);
        combinations.put(key, values);
      }
      keys.put(job.name(), own);
    }
    var planned = new ArrayList<PlannedJob>();
    for (Job job : workflow.jobs()) {
      List<String> needs =
          job.needs().stream().flatMap(n -> keys.getOrDefault(n, List.of()).stream()).toList();
      for (String key : keys.getOrDefault(job.name(), List.of())) {
        planned.add(new PlannedJob(key, combinations.getOrDefault(key, Map.of()), needs, job));
      }
    }
    return List.copyOf(planned);
  }

  private static List<Map<String, String>> combinations(Map<String, List<String>> axes) {
    List<Map<String, String>> all = List.of(Map.of());
    for (var axis : axes.entrySet()) {
      var longer = new ArrayList<Map<String, String>>();
      for (Map<String, String> shorter : all) {
        for (String value : axis.getValue()) {
          var values = new LinkedHashMap<>(shorter);
          values.put(axis.getKey(), value);
          longer.add(Collections.unmodifiableMap(values));
        }
      }
      all = longer;
    }
    return all;
  }
}
