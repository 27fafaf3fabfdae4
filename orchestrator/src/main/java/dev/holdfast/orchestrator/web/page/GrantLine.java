package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Held;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/**
 * A grant, with the names that people use.
 *
 * @param repository the only one where; empty for everywhere
 * @param way to the page of whose it is, for who may see that
 * @param mayTake whether whoever looks may try to take it back
 */
record GrantLine(
    String holder,
    boolean team,
    String what,
    Optional<String> repository,
    Optional<String> way,
    boolean mayTake) {

  static GrantLine of(Directory now, Repositories repositories, Caller caller, Held held) {
    boolean team = now.teams().stream().anyMatch(one -> one.id().equals(held.holder()));
    String holder = now.nameOf(held.holder());
    return new GrantLine(
        holder,
        team,
        held.grant().what().word(),
        held.grant()
            .repository()
            .map(
                id -> repositories.byId(id).map(Repository::name).map(Object::toString).orElse(id)),
        caller.may(Permission.MANAGE_USERS, Optional.empty())
            ? Optional.of(Settings.PATH + (team ? "/teams/" : "/users/") + Place.encoded(holder))
            : Optional.empty(),
        caller.may(Permission.MANAGE_USERS, held.grant().repository()));
  }

  /** In words, as {@code approver in harbour}. */
  String words() {
    return what + repository.map(name -> " in " + name).orElse("");
  }
}
