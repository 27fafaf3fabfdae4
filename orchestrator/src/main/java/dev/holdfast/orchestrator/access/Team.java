package dev.holdfast.orchestrator.access;

import dev.holdfast.model.definition.Name;
import java.util.Set;

/**
 * Users to whom something is granted together.
 *
 * @param members their ids
 */
public record Team(String id, Name name, Set<String> members) {
  public Team {
    members = Set.copyOf(members);
  }
}
