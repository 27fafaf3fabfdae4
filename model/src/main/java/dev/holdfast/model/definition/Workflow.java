package dev.holdfast.model.definition;

import java.util.List;

/** A workflow as data. That its parts fit together is {@link Validation}'s to say. */
public record Workflow(Name name, List<Trigger> on, List<Job> jobs) {
  public Workflow {
    if (on.isEmpty()) {
      throw new IllegalArgumentException(
          "the workflow " + name + " has no trigger; give it at least one under on");
    }
    Texts.count("triggers of workflow " + name, on.size(), 10);
    if (jobs.isEmpty() || jobs.size() > Validation.MOST_JOBS) {
      throw new IllegalArgumentException(
          "the workflow "
              + name
              + " has "
              + jobs.size()
              + " jobs; give it 1 to "
              + Validation.MOST_JOBS);
    }
  }
}
