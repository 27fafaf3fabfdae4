package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Workflow;
import java.util.List;
import java.util.Optional;

/**
 * What a commit defines.
 *
 * @param sources the hash of its Java sources, as its lock file has it
 */
public record Defined(List<Workflow> workflows, Optional<String> sources) {
  public Defined {
    workflows = List.copyOf(workflows);
  }
}
