package dev.holdfast.orchestrator.access;

import dev.holdfast.model.definition.Name;
import java.time.Instant;
import java.util.Optional;

/**
 * Somebody who uses Holdfast; never removed, since the audit log names them.
 *
 * @param id {@code usr_…}; never changes
 * @param disabled since when nothing of theirs counts
 */
public record User(String id, Name name, Instant created, Optional<Instant> disabled) {
  public boolean enabled() {
    return disabled.isEmpty();
  }
}
