package dev.holdfast.orchestrator.access;

import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import java.time.InstantSource;
import java.util.Optional;

/** Who uses Holdfast and what they may do: everything of this package over one database. */
public final class Access {
  private final Changes changes;
  private final Tokens tokens;

  private Access(Changes changes, Tokens tokens) {
    this.changes = changes;
    this.tokens = tokens;
  }

  /** What {@code database} holds; at the very first time, a user {@code admin} who is owner. */
  public static Access in(Database database, InstantSource clock, Audit audit) {
    var changes = new Changes(database, clock, audit);
    FirstUser.ensure(changes);
    return new Access(changes, new Tokens(changes));
  }

  /** All users, teams, grants and identities as they are now. */
  public Directory directory() {
    return changes.directory();
  }

  public Tokens tokens() {
    return tokens;
  }

  public Members members() {
    return new Members(changes);
  }

  public Granting granting() {
    return new Granting(changes);
  }

  public Identities identities() {
    return new Identities(changes);
  }

  public Rights rights() {
    return new SqlRights(changes);
  }

  /** The user behind {@code token}; empty for an agent's token and a disabled user's. */
  public Optional<Caller> caller(Tokens.Token token, Optional<String> from) {
    Directory now = changes.directory();
    return token
        .user()
        .flatMap(now::user)
        .filter(User::enabled)
        .map(user -> new Caller(user, token.id(), token.scope(), now.grants(user.id()), from));
  }
}
