package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The one way in which users, teams, grants, identities and tokens change: in one transaction with
 * its entry in the audit log, by who may at that moment, and seen by every call from then on.
 * Thread-safe.
 */
final class Changes {
  private final Database database;
  private final InstantSource clock;
  private final Audit audit;
  private volatile Directory directory;

  Changes(Database database, InstantSource clock, Audit audit) {
    this.database = database;
    this.clock = clock;
    this.audit = audit;
    this.directory = database.read(Directory::load);
  }

  /** What a change works with: who asks, with the rights of now, and what there is now. */
  record Work(Session session, Caller by, Directory now) {
    /** Refuses who may not do this for the whole installation. */
    void needs(Permission permission) {
      needs(permission, Optional.empty());
    }

    void needs(Permission permission, Optional<String> repository) {
      if (!by.may(permission, repository)) {
        throw AccessRefused.forbidden(
            "this needs the permission "
                + permission.word()
                + (repository.isEmpty() ? " for the installation" : " there")
                + "; an owner gives it with holdfast user grant");
      }
    }
  }

  /** What came of a change, and what the audit log says of it. */
  record Done<T>(T value, String subject, List<String> reasons) {}

  @FunctionalInterface
  interface Change<T> {
    Done<T> make(Work work) throws SQLException;
  }

  Directory directory() {
    return directory;
  }

  Database database() {
    return database;
  }

  InstantSource clock() {
    return clock;
  }

  /** Makes {@code change} and puts it on record as {@code action}; a refusal is on record too. */
  <T> T make(Caller by, String action, Change<T> change) {
    try {
      return database.write(s -> {
        Directory now = Directory.load(s);
        Done<T> done = change.make(new Work(s, still(s, by, now), now));
        // All that may not be lost however it came about: somebody who can mend the rest.
        Directory then = Directory.load(s);
        if (owners(then) == 0) {
          throw AccessRefused.conflict(
              "nobody would be left who is owner of the installation; make another owner first:"
                  + " holdfast user grant NAME owner");
        }
        audit.record(
            s,
            new Audit.Entry(
                by.user().id(),
                action,
                done.subject(),
                by.from(),
                Audit.Outcome.DONE,
                done.reasons()));
        s.afterCommit(() -> directory = then);
        return done.value();
      });
    } catch (AccessRefused e) {
      if (e.kind() == AccessRefused.Kind.FORBIDDEN) {
        refused(by, action, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private void refused(Caller by, String action, String why) {
    database.write(s -> {
      audit.record(
          s,
          new Audit.Entry(
              by.user().id(),
              action,
              by.user().id(),
              by.from(),
              Audit.Outcome.REFUSED,
              List.of(why)));
      return true;
    });
  }

  /**
   * What Holdfast does itself, at its start; {@code make} says what there is to do, if anything.
   */
  void itself(String action, Itself make) {
    as("holdfast", Optional.empty(), action, make);
  }

  /**
   * What nobody asks for with a token, as signing in is.
   *
   * @param actor of whom it is on record
   */
  <T> Optional<T> as(String actor, Optional<String> from, String action, ItselfOf<T> make) {
    return database.write(s -> {
      Optional<Done<T>> done = make.make(s, Directory.load(s));
      if (done.isPresent()) {
        audit.record(
            s,
            new Audit.Entry(
                actor,
                action,
                done.get().subject(),
                from,
                Audit.Outcome.DONE,
                done.get().reasons()));
        Directory then = Directory.load(s);
        s.afterCommit(() -> directory = then);
      }
      return done.map(Done::value);
    });
  }

  /** Puts on record that {@code actor} was refused. */
  void refused(String actor, Optional<String> from, String action, String why) {
    database.write(s -> {
      audit.record(
          s, new Audit.Entry(actor, action, actor, from, Audit.Outcome.REFUSED, List.of(why)));
      return true;
    });
  }

  @FunctionalInterface
  interface ItselfOf<T> {
    Optional<Done<T>> make(Session session, Directory now) throws SQLException;
  }

  /** What Holdfast does of itself. */
  @FunctionalInterface
  interface Itself extends ItselfOf<Boolean> {}

  /** The caller with the rights of now: between the call's start and here they may have gone. */
  private static Caller still(Session s, Caller by, Directory now) throws SQLException {
    User user =
        now.user(by.user().id())
            .filter(User::enabled)
            .orElseThrow(() ->
                AccessRefused.forbidden(
                    "the user " + by.user().name() + " was disabled; ask an owner"));
    if (s.first("SELECT 1 FROM token WHERE id = ? AND revoked_at IS NULL", _ -> 1, by.token())
        .isEmpty()) {
      throw AccessRefused.forbidden("the token was revoked; make another");
    }
    return new Caller(user, by.token(), by.scope(), now.grants(user.id()), by.from());
  }

  /** How many enabled users are owner of the installation, by themselves or by a team. */
  private static long owners(Directory then) {
    return then.users().stream()
        .filter(user ->
            then.grants(user.id()).stream()
                .anyMatch(g -> g.what() == Role.OWNER && g.repository().isEmpty()))
        .count();
  }
}
