package dev.holdfast.agent.link;

import dev.holdfast.agent.job.StepGate;
import dev.holdfast.agent.policy.Clearing;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a step that its workflow has wait until the orchestrator shows that people released it.
 * What it says is believed no further than its signature. Thread-safe.
 */
public final class StepApprovals implements StepGate {
  private static final Logger LOG = LoggerFactory.getLogger(StepApprovals.class);
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /** An orchestrator ends what nobody releases; this is for one that does not. */
  private static final Duration LONGEST = Duration.ofHours(25);

  private final OrchestratorClient client;
  private final Clearing clearing;
  private final InstantSource clock;

  public StepApprovals(OrchestratorClient client, Clearing clearing, InstantSource clock) {
    this.client = client;
    this.clearing = clearing;
    this.clock = clock;
  }

  @Override
  public Optional<StepResult> ends(Lease lease, int number, Step step) throws InterruptedException {
    if (step.approval().isEmpty()) {
      return Optional.empty();
    }
    var asked = new AgentApi.StepAsk(lease.attempt(), lease.fence(), number);
    Instant end = clock.instant().plus(LONGEST);
    while (clock.instant().isBefore(end)) {
      try {
        switch (client.step(asked)) {
          case AgentApi.StepAnswer.Waits() -> {}
          case AgentApi.StepAnswer.MayStart(var cleared) -> {
            return clearing.refusal(lease, number, cleared).map(StepApprovals::ended);
          }
          case AgentApi.StepAnswer.Ends(String why) -> {
            return Optional.of(ended(why));
          }
        }
      } catch (Unreachable e) {
        LOG.debug("{}: step {} waits: {}", lease.attempt(), number + 1, e.getMessage());
      } catch (Rejected e) {
        // If the lease is lost a heartbeat says so, and this is interrupted.
        LOG.warn("{}: step {} waits: {}", lease.attempt(), number + 1, e.getMessage());
      }
      Thread.sleep(BETWEEN);
    }
    return Optional.of(ended("nobody released it within " + LONGEST.toHours() + " hours"));
  }

  private static StepResult ended(String why) {
    return new StepResult.Failed(1, why);
  }
}
