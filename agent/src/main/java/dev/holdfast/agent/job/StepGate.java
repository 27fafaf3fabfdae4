package dev.holdfast.agent.job;

import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.util.Optional;

/**
 * Decides whether a step that asks may start. Only steps that need something ask ({@link
 * Step#asks}), once each, when it is their turn. What the step is given is handed over after all of
 * this has let it through. Thread-safe.
 */
public interface StepGate {
  /**
   * How the step ends without having started; empty if it may start. May take as long as it takes:
   * the job's time limit stands still meanwhile. It is called by a thread of its own, which is
   * interrupted once nobody waits for the answer any more: the job was cancelled, or is over.
   *
   * @param number of the step in its job, from 0
   */
  Optional<StepResult> ends(Lease lease, int number, Step step) throws InterruptedException;

  /** Lets everything through. */
  static StepGate open() {
    return (lease, number, step) -> Optional.empty();
  }
}
