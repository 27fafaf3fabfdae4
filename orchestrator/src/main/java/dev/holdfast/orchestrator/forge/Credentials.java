package dev.holdfast.orchestrator.forge;

import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/** What Holdfast shows to forges. Thread-safe. */
public interface Credentials {
  /** The token for calls and for git; empty if none was given for this repository. */
  Optional<String> token(Repository repository);
}
