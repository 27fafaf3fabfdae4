package dev.holdfast.model.run;

import dev.holdfast.model.definition.When;
import dev.holdfast.model.plan.PlannedJob;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How the jobs of a run move each other. Pure. */
public final class RunProgress {
  private RunProgress() {}

  /**
   * What changes next: jobs whose needs are over go from {@link JobState#WAITING} to {@link
   * JobState#QUEUED} or {@link JobState#SKIPPED}. A held job stays held, unless what it needs came
   * to an end with which it does not run anyway. Call it after each change of a job's state; it
   * follows chains of skips to their end.
   *
   * @param jobs in the order of the plan
   * @param states one for each job's key
   * @return the new state of each job that changes
   */
  public static Map<String, JobState> advance(List<PlannedJob> jobs, Map<String, JobState> states) {
    var now = new LinkedHashMap<>(states);
    var changes = new LinkedHashMap<String, JobState>();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (PlannedJob job : jobs) {
        JobState before = now.get(job.key());
        boolean held = before == JobState.HELD && !job.needs().isEmpty();
        if (before == JobState.WAITING || held) {
          List<JobState> needs =
              job.needs().stream().map(n -> Objects.requireNonNull(now.get(n), n)).toList();
          if (needs.stream().allMatch(JobState::over)) {
            JobState next = ready(job.job().when().orElse(When.SUCCESS), needs);
            if (next != JobState.QUEUED || !held) {
              now.put(job.key(), next);
              changes.put(job.key(), next);
              changed = true;
            }
          }
        }
      }
    }
    return changes;
  }

  private static JobState ready(When when, List<JobState> needs) {
    if (needs.contains(JobState.CANCELLED)) {
      return JobState.CANCELLED;
    }
    boolean run =
        switch (when) {
          case SUCCESS -> needs.stream().allMatch(s -> s == JobState.SUCCEEDED);
          case FAILURE -> needs.stream().anyMatch(s -> s == JobState.FAILED);
          case ALWAYS -> true;
        };
    return run ? JobState.QUEUED : JobState.SKIPPED;
  }

  /**
   * The state of a run whose jobs stand like this. A failure is never hidden by something else, and
   * a run without jobs is one whose definition could not be read: failed.
   */
  public static RunState of(Collection<JobState> jobs) {
    if (jobs.stream().allMatch(JobState::over)) {
      return jobs.isEmpty() || jobs.contains(JobState.FAILED)
          ? RunState.FAILED
          : jobs.contains(JobState.CANCELLED) ? RunState.CANCELLED : RunState.SUCCEEDED;
    }
    if (jobs.contains(JobState.HELD)
        && !jobs.contains(JobState.QUEUED)
        && !jobs.contains(JobState.RUNNING)) {
      return RunState.HELD;
    }
    boolean begun = jobs.stream().anyMatch(s -> s.over() || s == JobState.RUNNING);
    return begun ? RunState.RUNNING : RunState.QUEUED;
  }
}
