package dev.holdfast.probe;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A lease like the probe's, of a job with steps that are more than a script. */
final class SteppedLease {
  private SteppedLease() {}

  static Lease of(String workflow, Step... steps) {
    Lease plain = Leases.of("true");
    Job job = plain.job().job();
    var with =
        new Job(
            job.name(),
            job.needs(),
            job.runsOn(),
            job.image(),
            job.env(),
            job.matrix(),
            job.directory(),
            job.when(),
            job.timeout(),
            Arrays.asList(steps));
    return new Lease(
        plain.attempt(),
        plain.fence(),
        plain.number(),
        plain.run(),
        new Name(workflow),
        new PlannedJob(plain.job().key(), Map.of(), List.of(), with),
        plain.event(),
        plain.source(),
        plain.sources(),
        plain.outputs());
  }
}
