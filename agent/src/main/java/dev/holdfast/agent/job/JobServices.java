package dev.holdfast.agent.job;

import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.ServiceFailed;
import dev.holdfast.agent.sandbox.ServiceSpec;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.List;
import java.util.Optional;

/** What one attempt has to do with its job's services. */
final class JobServices {
  private JobServices() {}

  static List<ServiceSpec> of(Lease lease, AgentPolicy policy) {
    return lease.job().job().services().stream()
        .map(service ->
            new ServiceSpec(
                service,
                Optional.ofNullable(lease.servicePins().get(service.name())),
                policy.root()))
        .toList();
  }

  /** Starts them; how the attempt ends, if they do not come to be ready. */
  static Optional<Outcome> start(Sandbox sandbox, Reports reports)
      throws SandboxUnavailable, InterruptedException {
    try {
      sandbox.startServices(reports::say);
      return Optional.empty();
    } catch (ServiceFailed e) {
      String reason = String.valueOf(e.getMessage());
      reports.say(reason, e.lastWords());
      return Optional.of(new Outcome.Failed(reason, 1));
    }
  }

  /** The runner has nothing to do with them, and what is in their environment is not its own. */
  static PlannedJob without(PlannedJob planned) {
    return new PlannedJob(
        planned.key(), planned.matrix(), planned.needs(), planned.job().withoutServices());
  }
}
