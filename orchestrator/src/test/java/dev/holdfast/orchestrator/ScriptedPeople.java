package dev.holdfast.orchestrator;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What a forge says of people, as a test writes it; nobody may anything until it says so. */
final class ScriptedPeople implements People {
  private final Map<String, Lookup<ForgePermission>> permissions = new ConcurrentHashMap<>();
  private volatile Lookup<Visibility> visibility = new Lookup.Known<>(Visibility.PUBLIC);

  void permit(String id, ForgePermission permission) {
    permissions.put(id, new Lookup.Known<>(permission));
  }

  void fail(String id) {
    permissions.put(id, new Lookup.Failed<>("it timed out"));
  }

  void visibility(Lookup<Visibility> is) {
    visibility = is;
  }

  @Override
  public Lookup<Visibility> visibility(Repository repository) {
    return visibility;
  }

  @Override
  public Lookup<ForgePermission> permission(Repository repository, Contributor contributor) {
    return permissions.getOrDefault(contributor.id(), new Lookup.Known<>(ForgePermission.NONE));
  }

  @Override
  public void forget(String forge, Optional<String> person) {}
}
