package dev.holdfast.orchestrator.fleet;

import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.wire.agent.AgentApi;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
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

  /**
   * Whether it may take a job that asks for this: never one that wants a stronger wall, and without
   * any wall only one that says that none will do.
   */
  public boolean has(Collection<String> wantedLabels, Optional<Tier> wantedTier) {
    Tier wanted = wantedTier.orElse(Tier.NAMESPACES);
    return backend.tier().holds(wanted) && labels.containsAll(wantedLabels);
  }

  Agent seenAt(Instant now) {
    return new Agent(id, name, release, capacity, labels, backend, registered, now);
  }
}
