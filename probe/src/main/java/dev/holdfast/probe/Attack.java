package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.util.Map;
import java.util.Set;

/**
 * One thing that a hostile job, repository or runner might try.
 *
 * @param id as {@code file.device-node}: the kind, a dot, and a name
 * @param idea one sentence
 * @param stoppedBy the parts of the wall that stop it, on each backend that it applies to: with all
 *     of them gone it gets through, which is its control
 */
public record Attack(
    String id, Promise promise, String idea, Map<Backend, Set<Protection>> stoppedBy, Trial trial) {
  public Attack {
    stoppedBy = Map.copyOf(stoppedBy);
    if (!id.matches("[a-z]+\\.[a-z0-9-]+") || stoppedBy.isEmpty()) {
      throw new IllegalArgumentException("the attack " + id + " is badly named, or for no backend");
    }
    if (stoppedBy.values().stream().anyMatch(Set::isEmpty)) {
      throw new IllegalArgumentException(
          "the attack " + id + " says of a backend that nothing stops it");
    }
  }

  /** What comes before the dot. */
  public String kind() {
    return id.substring(0, id.indexOf('.'));
  }

  /** What stops it on {@code backend}; empty if it is not for that one. */
  public Set<Protection> stoppedBy(Backend backend) {
    return stoppedBy.getOrDefault(backend, Set.of());
  }
}
