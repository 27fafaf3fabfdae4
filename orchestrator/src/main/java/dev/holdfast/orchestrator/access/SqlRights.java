package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@link Rights} by what is in force: no look-up of it can fail. */
final class SqlRights implements Rights {
  /** Of whoever starts something in Holdfast itself: they were known by their token. */
  private static final String HERE = "holdfast";

  private final Changes changes;

  SqlRights(Changes changes) {
    this.changes = changes;
  }

  @Override
  public Lookup<String> linked(Contributor contributor) {
    Directory now = changes.directory();
    Optional<String> user =
        contributor.forge().equals(HERE)
            ? now.user(contributor.id()).filter(User::enabled).map(User::id)
            : now.linked(contributor.forge(), contributor.id());
    return user.<Lookup<String>>map(Lookup.Known::new).orElseGet(Lookup.Absent::new);
  }

  @Override
  public Lookup<Right> of(String user, Repository repository) {
    return new Lookup.Known<>(Grant.right(changes.directory().grants(user), repository.id()));
  }

  @Override
  public Lookup<Set<String>> approvers(Repository repository) {
    return new Lookup.Known<>(
        changes.directory().whoMay(Permission.APPROVE, Optional.of(repository.id())));
  }

  @Override
  public Set<String> people(List<String> users, List<String> teams) {
    var people = new TreeSet<>(users);
    changes.directory().teams().stream()
        .filter(team -> teams.contains(team.id()))
        .forEach(team -> people.addAll(team.members()));
    return people;
  }
}
