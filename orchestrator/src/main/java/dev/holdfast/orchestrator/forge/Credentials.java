package dev.holdfast.orchestrator.forge;

import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/** What Holdfast shows to forges. Thread-safe. */
public interface Credentials {
  /**
   * The token for calls and for git; empty if none was given for this repository.
   *
   * @throws ForgeUnavailable if it has to be asked for, and cannot be had now
   */
  Optional<Token> token(Repository repository) throws ForgeUnavailable;

  /** Whether there is something to show for it; asks nobody. */
  default boolean any(Repository repository) {
    try {
      return token(repository).isPresent();
    } catch (ForgeUnavailable e) {
      return true;
    }
  }
}
