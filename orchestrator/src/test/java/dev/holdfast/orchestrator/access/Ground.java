package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Scope;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real database with users, and an audit log in memory that can be made to fail. */
final class Ground implements AutoCloseable {
  final Path data;
  volatile Instant now = Instant.parse("2026-11-23T12:00:00Z");
  final InstantSource clock = () -> now;
  final List<Audit.Entry> audited = new CopyOnWriteArrayList<>();
  volatile boolean auditFails;
  Database database;
  Access access;
  final Repository app;
  final Repository other;

  Ground(Path data) {
    this.data = data;
    this.database = Database.open(data, clock, _ -> {});
    this.access = Access.in(database, clock, this::record);
    var repositories = Repositories.in(database, clock);
    this.app =
        repositories.add(new Name("app"), new Repository.Location.OnDisk(Path.of("/srv/app.git")));
    this.other =
        repositories.add(
            new Name("other"), new Repository.Location.OnDisk(Path.of("/srv/other.git")));
  }

  private void record(Session session, Audit.Entry entry) {
    if (auditFails) {
      throw new IllegalStateException("the audit log is full");
    }
    session.afterCommit(() -> audited.add(entry));
  }

  void restart() {
    database.close();
    database = Database.open(data, clock, _ -> {});
    access = Access.in(database, clock, this::record);
  }

  /** The first owner, by their first token. */
  Caller admin() {
    AdminToken.ensure(access, data);
    return as("admin");
  }

  /** A user by a token that is as good as they are, which appears by itself. */
  Caller as(String name) {
    User user = access.directory().user(new Name(name)).orElseThrow();
    Optional<Tokens.Token> there =
        access.tokens().list(Tokens.Kind.PERSON).stream()
            .filter(t -> t.user().equals(Optional.of(user.id())) && t.scope().equals(Scope.ALL))
            .findFirst();
    Tokens.Token token =
        there.orElseGet(
            () -> access.tokens().make(as("admin"), token("for-" + name).user(name).ask()).token());
    return access.caller(token, Optional.of("192.0.2.1")).orElseThrow();
  }

  /** A user by this token. */
  Caller by(Tokens.Made made) {
    return access
        .caller(access.tokens().check(made.secret()).orElseThrow(), Optional.empty())
        .orElseThrow();
  }

  /** Adds a user with these roles or permissions everywhere. */
  Caller user(String name, String... what) {
    access.members().add(admin(), new Name(name));
    for (String one : what) {
      grant(admin(), name, one, Optional.empty());
    }
    return as(name);
  }

  Held grant(Caller by, String to, String what, Optional<Repository> repository) {
    return access.granting().grant(by, new Name(to), Grantable.of(what).orElseThrow(), repository);
  }

  void revoke(Caller by, String from, String what) {
    access
        .granting()
        .revoke(by, new Name(from), Grantable.of(what).orElseThrow(), Optional.empty());
  }

  static Ask token(String name) {
    return new Ask(
        new NewToken(
            new Name(name),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  /** Asks for a token, piece by piece. */
  record Ask(NewToken ask) {
    Ask user(String user) {
      return new Ask(
          new NewToken(
              ask.name(),
              Optional.of(new Name(user)),
              ask.permissions(),
              ask.repository(),
              ask.expires()));
    }

    Ask scope(dev.holdfast.model.access.Permission... permissions) {
      return new Ask(
          new NewToken(
              ask.name(),
              ask.user(),
              Optional.of(java.util.Set.of(permissions)),
              ask.repository(),
              ask.expires()));
    }

    Ask in(Repository repository) {
      return new Ask(
          new NewToken(
              ask.name(), ask.user(), ask.permissions(), Optional.of(repository), ask.expires()));
    }

    Ask until(Instant end) {
      return new Ask(
          new NewToken(
              ask.name(), ask.user(), ask.permissions(), ask.repository(), Optional.of(end)));
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
