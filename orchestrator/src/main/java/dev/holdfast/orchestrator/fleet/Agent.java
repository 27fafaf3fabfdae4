package dev.holdfast.orchestrator.fleet;

import dev.holdfast.model.wire.agent.AgentApi;
import java.time.Instant;
import java.util.Set;

/** An agent, as it registered last. */
public record Agent(
    String id,
    String name,
    String release,
    int capacity,
    Set<String> labels,
    AgentApi.Backend backend,
    Instant registered,
    Instant seen) {

  /** Whether it may take a job that asks for {@code wanted}. */
  public boolean has(java.util.Collection<String> wanted) {
    return labels.containsAll(wanted);
  }

  Agent seenAt(Instant now) {
    return new Agent(id, name, release, capacity, labels, backend, registered, now);
  }
}
