package dev.holdfast.probe;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Leases as an orchestrator would give them, made here. */
final class Leases {
  private static final CommitId NO_COMMIT = new CommitId("a".repeat(40));
  private static final AtomicLong COUNT = new AtomicLong();

  /** Longer than any attack takes, also by translation, shorter than anybody waits. */
  private static final TimeLimit LIMIT = new TimeLimit("3m");

  /** For a runner that only makes others wait. */
  private static final TimeLimit SHORT = new TimeLimit("4s");

  private static final Source NOWHERE =
      new Source("probe", "probe", "/nowhere", "refs/heads/main", NO_COMMIT);

  private Leases() {}

  /** A job of {@code count} steps that never run, for a runner that does not run them. */
  static Lease ofSteps(int count) {
    String[] scripts = new String[count];
    java.util.Arrays.fill(scripts, "true");
    return of(SHORT, NOWHERE, scripts);
  }

  /** A job of these scripts, whose checkout is not asked where it comes from. */
  static Lease of(String... scripts) {
    return of(LIMIT, NOWHERE, scripts);
  }

  static Lease of(Source source, String... scripts) {
    return of(LIMIT, source, scripts);
  }

  private static Lease of(TimeLimit limit, Source source, String... scripts) {
    var steps = new ArrayList<Step>();
    for (String script : scripts) {
      steps.add(
          new Step.Command(
              "step " + (steps.size() + 1),
              script,
              Map.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
    var job =
        new Job(
            new Name("attack"),
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(limit),
            steps);
    String id = "probe-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    return new Lease(
        id,
        1,
        1,
        "run-" + id,
        new Name("probe"),
        new PlannedJob("attack", Map.of(), List.of(), job),
        new Event(
            id,
            "probe",
            Instant.EPOCH,
            Optional.empty(),
            new Happening.Push(new RefName("main"), source.commit(), Optional.empty(), false)),
        source,
        Optional.empty(),
        Map.of());
  }
}
