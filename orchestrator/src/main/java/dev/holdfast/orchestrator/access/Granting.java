package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Changes.Done;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.List;
import java.util.Optional;

/** Gives roles and permissions, and takes them. Thread-safe. */
public final class Granting {
  private final Changes changes;

  Granting(Changes changes) {
    this.changes = changes;
  }

  /**
   * Grants to the user or team of this name; the same again is the same grant.
   *
   * @param repository the only one where; empty for the installation
   */
  public Held grant(Caller by, Name holder, Grantable what, Optional<Repository> repository) {
    return changes.make(
        by,
        "grant.add",
        work -> {
          var grant = new Grant(what, repository.map(Repository::id));
          work.needs(Permission.MANAGE_USERS, grant.repository());
          if (grant.effective().isEmpty()) {
            throw AccessRefused.conflict(
                what.word() + " is for the installation; grant it without a repository");
          }
          allowed(work.by(), grant);
          Optional<User> user = work.now().user(holder);
          Optional<Team> team = work.now().team(holder);
          if (user.isEmpty() && team.isEmpty()) {
            throw AccessRefused.unknown(
                "there is no user or team "
                    + holder
                    + "; add one with holdfast user add or holdfast team add");
          }
          String id = user.map(User::id).or(() -> team.map(Team::id)).orElseThrow();
          List<String> reasons = List.of(said(what, holder, repository));
          Optional<Held> there =
              work.now().held().stream()
                  .filter(held -> held.holder().equals(id) && held.grant().equals(grant))
                  .findFirst();
          if (there.isPresent()) {
            return new Done<>(there.get(), id, reasons);
          }
          var held = new Held(changes.database().ids().next("grant"), id, grant);
          work.session()
              .update(
                  "INSERT INTO role_grant (id, person_id, team_id, what, repository_id, granted_at)"
                      + " VALUES (?, ?, ?, ?, ?, ?)",
                  held.id(),
                  user.map(User::id),
                  user.isPresent() ? Optional.empty() : team.map(Team::id),
                  what.word(),
                  grant.repository(),
                  changes.clock().instant());
          return new Done<>(held, id, reasons);
        });
  }

  /** Takes back what was granted to the user or team of this name. */
  public void revoke(Caller by, Name holder, Grantable what, Optional<Repository> repository) {
    changes.make(
        by,
        "grant.remove",
        work -> {
          var grant = new Grant(what, repository.map(Repository::id));
          work.needs(Permission.MANAGE_USERS, grant.repository());
          allowed(work.by(), grant);
          Held held =
              work.now().held().stream()
                  .filter(h ->
                      work.now().nameOf(h.holder()).equals(holder.value())
                          && h.grant().equals(grant))
                  .findFirst()
                  .orElseThrow(() ->
                      AccessRefused.unknown(
                          "nobody granted "
                              + said(what, holder, repository)
                              + "; nothing changed"));
          work.session().update("DELETE FROM role_grant WHERE id = ?", held.id());
          return new Done<>(true, held.holder(), List.of(said(what, holder, repository)));
        });
  }

  private static void allowed(Caller by, Grant grant) {
    grant.effective().stream()
        .filter(permission -> !by.may(permission, grant.repository()))
        .sorted()
        .findFirst()
        .ifPresent(missing -> {
          throw AccessRefused.forbidden(
              "you may not give or take "
                  + grant.what().word()
                  + ", since you do not have "
                  + missing.word()
                  + " yourself; ask an owner");
        });
  }

  private static String said(Grantable what, Name holder, Optional<Repository> repository) {
    return what.word()
        + " to "
        + holder
        + repository.map(r -> " in the repository " + r.name()).orElse(" everywhere");
  }
}
