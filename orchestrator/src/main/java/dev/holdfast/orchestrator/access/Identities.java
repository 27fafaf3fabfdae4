package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Changes.Done;
import java.util.List;
import java.util.Optional;

/**
 * Which accounts at forges are whose. There is no way to say so: only the forge's own sign-in does.
 * Thread-safe.
 */
public final class Identities {
  private final Changes changes;

  Identities(Changes changes) {
    this.changes = changes;
  }

  /** Keeps what the forge showed in a sign-in that {@code by} began. */
  Identity link(Caller by, String forge, String account, String name) {
    return changes.make(
        by,
        "identity.link",
        work -> {
          Optional<Identity> there =
              work.now().identities().stream()
                  .filter(i -> i.forge().equals(forge) && i.account().equals(account))
                  .findFirst();
          List<String> reasons =
              List.of("the account " + account + " at " + forge + ", as its own sign-in showed");
          if (there.isPresent()) {
            if (there.get().user().equals(by.user().id())) {
              return new Done<>(there.get(), there.get().user(), reasons);
            }
            throw AccessRefused.conflict(
                "that account at "
                    + forge
                    + " is another user's; somebody who manages users can unlink it there first");
          }
          var identity =
              new Identity(
                  changes.database().ids().next("idn"),
                  forge,
                  account,
                  name,
                  by.user().id(),
                  changes.clock().instant());
          work.session()
              .update(
                  "INSERT INTO identity (id, forge, account, name, person_id, linked_at, how)"
                      + " VALUES (?, ?, ?, ?, ?, ?, 'oauth')",
                  identity.id(),
                  forge,
                  account,
                  name,
                  identity.user(),
                  identity.linked());
          return new Done<>(identity, identity.user(), reasons);
        });
  }

  /**
   * Ends a link. Nobody ends their own: who could would hide that a change is theirs, and approve
   * it.
   */
  public void unlink(Caller by, String id) {
    changes.make(
        by,
        "identity.unlink",
        work -> {
          work.needs(Permission.MANAGE_USERS);
          Identity identity =
              work.now().identities().stream()
                  .filter(i -> i.id().equals(id))
                  .findFirst()
                  .orElseThrow(() -> AccessRefused.unknown("there is no linked account " + id));
          if (identity.user().equals(by.user().id())) {
            throw AccessRefused.forbidden(
                "one's own account is for somebody else to unlink, so that nobody hides which"
                    + " changes are theirs; ask another who manages users");
          }
          if (!work.by().has(work.now().grants(identity.user()))) {
            throw Members.more(work.now().user(identity.user()).map(User::name).orElseThrow());
          }
          work.session().update("DELETE FROM identity WHERE id = ?", id);
          return new Done<>(
              true,
              identity.user(),
              List.of("the account " + identity.account() + " at " + identity.forge()));
        });
  }
}
