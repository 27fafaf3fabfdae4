package dev.holdfast.orchestrator;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/** Where there is no forge to ask. */
final class NoPeople implements People {
  @Override
  public Lookup<Visibility> visibility(Repository repository) {
    return new Lookup.Failed<>("plain git knows no people");
  }

  @Override
  public Lookup<ForgePermission> permission(Repository repository, Contributor contributor) {
    return new Lookup.Failed<>("plain git knows no people");
  }

  @Override
  public void forget(String forge, Optional<String> person) {}
}
