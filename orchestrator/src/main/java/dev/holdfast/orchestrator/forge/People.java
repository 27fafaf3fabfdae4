package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/**
 * What forges say of people and repositories. Answers are kept for a short time; what fails, times
 * out or is not the account that was asked about is a {@link Lookup.Failed}, and is not kept.
 * Thread-safe; calls may block on the network for some seconds.
 */
public interface People {
  /** Who can read the repository. */
  Lookup<Visibility> visibility(Repository repository);

  /** What the forge lets the account with this id do, whatever it is named now. */
  Lookup<ForgePermission> permission(Repository repository, Contributor contributor);

  /**
   * Forgets what was answered.
   *
   * @param forge {@link Repository.Host#name}
   * @param person the forge's id; empty for everybody
   */
  void forget(String forge, Optional<String> person);
}
