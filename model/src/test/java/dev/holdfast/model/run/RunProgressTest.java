package dev.holdfast.model.run;

import static dev.holdfast.model.Examples.job;
import static dev.holdfast.model.Examples.workflow;
import static dev.holdfast.model.run.JobState.CANCELLED;
import static dev.holdfast.model.run.JobState.FAILED;
import static dev.holdfast.model.run.JobState.HELD;
import static dev.holdfast.model.run.JobState.QUEUED;
import static dev.holdfast.model.run.JobState.RUNNING;
import static dev.holdfast.model.run.JobState.SKIPPED;
import static dev.holdfast.model.run.JobState.SUCCEEDED;
import static dev.holdfast.model.run.JobState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.When;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.plan.Planner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunProgressTest {
  private static final List<PlannedJob> DIAMOND =
      Planner.plan(
          workflow(
              job("a"),
              job("b", "a"),
              job("c", "a"),
              job("d", "b", "c"),
              job("mop", Map.of(), Optional.of(When.ALWAYS), "d"),
              job("alarm", Map.of(), Optional.of(When.FAILURE), "b")));

  @Test
  void onlyJobsWithoutNeedsStart() {
    assertThat(advance(WAITING, WAITING, WAITING, WAITING, WAITING, WAITING))
        .isEqualTo(Map.of("a", QUEUED));
  }

  @Test
  void bothArmsStartTogether() {
    assertThat(advance(SUCCEEDED, WAITING, WAITING, WAITING, WAITING, WAITING))
        .isEqualTo(Map.of("b", QUEUED, "c", QUEUED));
  }

  @Test
  void whatIsHeldStaysHeldWhateverItNeedsDoesBefore() {
    for (JobState before : List.of(HELD, WAITING, RUNNING, SUCCEEDED)) {
      assertThat(advance(before, HELD, before, WAITING, WAITING, WAITING).get("b"))
          .as(before.name())
          .isNull();
    }
  }

  @Test
  void whatIsHeldIsSkippedOnceItWouldNotRunAnyway() {
    assertThat(advance(FAILED, HELD, WAITING, WAITING, WAITING, WAITING))
        .containsEntry("b", SKIPPED);
    assertThat(advance(CANCELLED, HELD, WAITING, WAITING, WAITING, WAITING))
        .containsEntry("b", CANCELLED);
    assertThat(advance(HELD, HELD, HELD, HELD, HELD, HELD)).as("a held run").isEmpty();
  }

  @Test
  void theLastWaitsForBothArms() {
    assertThat(advance(SUCCEEDED, SUCCEEDED, RUNNING, WAITING, WAITING, WAITING))
        .isEqualTo(Map.of("alarm", SKIPPED));
  }

  @Test
  void aFailureSkipsWhatBuildsOnItAndStartsWhatCleansUp() {
    assertThat(advance(SUCCEEDED, FAILED, SUCCEEDED, WAITING, WAITING, WAITING))
        .isEqualTo(Map.of("d", SKIPPED, "mop", QUEUED, "alarm", QUEUED));
  }

  @Test
  void aSkipGoesDownTheWholeChain() {
    var chain = Planner.plan(workflow(job("a"), job("b", "a"), job("c", "b"), job("d", "c")));
    var states = states(chain, FAILED, WAITING, WAITING, WAITING);
    assertThat(RunProgress.advance(chain, states))
        .isEqualTo(Map.of("b", SKIPPED, "c", SKIPPED, "d", SKIPPED));
  }

  @Test
  void theRunIsWhatItsJobsAre() {
    assertThat(RunProgress.of(List.of(QUEUED, WAITING))).isEqualTo(RunState.QUEUED);
    assertThat(RunProgress.of(List.of(SUCCEEDED, QUEUED))).isEqualTo(RunState.RUNNING);
    assertThat(RunProgress.of(List.of(SUCCEEDED, SKIPPED))).isEqualTo(RunState.SUCCEEDED);
    assertThat(RunProgress.of(List.of(SUCCEEDED, FAILED, SKIPPED))).isEqualTo(RunState.FAILED);
    assertThat(RunProgress.of(List.of(FAILED, CANCELLED))).isEqualTo(RunState.FAILED);
    assertThat(RunProgress.of(List.of(SUCCEEDED, CANCELLED))).isEqualTo(RunState.CANCELLED);
    assertThat(RunProgress.of(List.of())).isEqualTo(RunState.FAILED);
  }

  @Test
  void aBrokenMachineIsTriedAgainButNotForEver() {
    assertThat(Retry.after(new Outcome.Broken("agent lost"), 1, false)).isEqualTo(QUEUED);
    assertThat(Retry.after(new Outcome.Broken("agent lost"), 2, false)).isEqualTo(QUEUED);
    assertThat(Retry.after(new Outcome.Broken("agent lost"), 3, false)).isEqualTo(FAILED);
    assertThat(Retry.after(new Outcome.Failed("step x", 1), 1, false)).isEqualTo(FAILED);
    assertThat(Retry.after(new Outcome.Refused("no such image"), 1, false)).isEqualTo(FAILED);
  }

  private static Map<String, JobState> advance(JobState... states) {
    return RunProgress.advance(DIAMOND, states(DIAMOND, states));
  }

  private static Map<String, JobState> states(List<PlannedJob> jobs, JobState... states) {
    var map = new LinkedHashMap<String, JobState>();
    for (int i = 0; i < states.length; i++) {
      map.put(jobs.get(i).key(), states[i]);
    }
    return map;
  }

  @Test
  void cancelledWorkDoesNotComeBack() {
    assertThat(Retry.after(new Outcome.Broken("agent lost"), 1, true)).isEqualTo(CANCELLED);
    assertThat(advance(SUCCEEDED, SUCCEEDED, CANCELLED, WAITING, WAITING, WAITING))
        .isEqualTo(Map.of("d", CANCELLED, "mop", CANCELLED, "alarm", SKIPPED));
  }
}
