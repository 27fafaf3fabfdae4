package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Scope;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.access.Changes.Done;
import dev.holdfast.orchestrator.access.Changes.Work;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bearer tokens. A token is 256 random bits; only its SHA-256 is kept, which is enough for what
 * cannot be guessed. Those in force are held in memory, so that a call costs no query. Thread-safe.
 */
public final class Tokens {
  /** How long a token is good for where nobody says otherwise. */
  public static final Duration LIFE = Duration.ofDays(90);

  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
  private static final int BYTES = 32;
  // When a token was last used matters in days; a write for each call would not be worth it.
  private static final Duration COARSE = Duration.ofHours(1);

  /** How long somebody who signed in stays so. */
  public static final Duration SESSION_LIFE = Duration.ofHours(12);

  private static final String ENCRYPTED = "by https: ";
  private static final String PLAIN = "by http: ";

  /** Before the id of the token that a session was begun with; the session ends with it. */
  private static final String WITH = "with the token ";

  private final Changes changes;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentHashMap<String, Token> inForce = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Instant> used = new ConcurrentHashMap<>();

  /** What a token is for; its text starts with the prefix, so that leaks can be searched for. */
  public enum Kind {
    /** What its user does, or as much of it as its scope says. */
    PERSON("hft_"),
    /** What the one agent of its name does. */
    AGENT("hfa_"),
    /** What a browser does whose user signed in; a cookie, never sent otherwise. */
    SESSION("hfs_");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /**
   * A token without its secret.
   *
   * @param user the id of the user whose it is; empty for an agent's
   * @param expires when it ends by itself
   */
  public record Token(
      String id,
      Kind kind,
      String name,
      Optional<String> user,
      Scope scope,
      Instant created,
      Optional<Instant> expires) {}

  /** A new token, the one time that its secret is known. */
  public record Made(Token token, String secret) {}

  Tokens(Changes changes) {
    this.changes = changes;
    changes
        .database()
        .read(s ->
            s.list(
                "SELECT * FROM token WHERE revoked_at IS NULL",
                row -> {
                  Token token = token(row);
                  row.maybeTime("used_at").ifPresent(at -> used.put(token.id(), at));
                  return inForce.put(row.text("hash"), token);
                }));
  }

  private static Token token(Row row) throws SQLException {
    return new Token(
        row.text("id"),
        Kind.valueOf(row.text("kind")),
        row.text("name"),
        row.maybeText("person_id"),
        new Scope(
            row.maybeText("permissions").map(Tokens::permissions), row.maybeText("repository_id")),
        row.time("created_at"),
        row.maybeTime("expires_at"));
  }

  /** A word that this release does not know gives nothing. */
  private static Set<Permission> permissions(String text) {
    return Arrays.stream(text.split(",", -1))
        .flatMap(word -> Permission.named(word).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Makes the token of the agent of this name. */
  public Made makeForAgent(Caller by, String name) {
    return changes.make(
        by,
        "token.agent",
        work -> {
          work.needs(Permission.MANAGE_AGENTS);
          var token =
              new Token(
                  changes.database().ids().next("tok"),
                  Kind.AGENT,
                  name,
                  Optional.empty(),
                  Scope.ALL,
                  changes.clock().instant(),
                  Optional.empty());
          return new Done<>(
              keep(work.session(), token, secret(Kind.AGENT)),
              token.id(),
              List.of("for the agent " + name));
        });
  }

  /** Makes a user's token; {@link NewToken} has the rules. */
  public Made make(Caller by, NewToken asked) {
    return changes.make(
        by,
        "token.make",
        work -> {
          Token token =
              asked.token(
                  work,
                  changes.database().ids().next("tok"),
                  changes.clock().instant(),
                  expiry(by.token()));
          return new Done<>(
              keep(work.session(), token, secret(Kind.PERSON)), token.id(), asked.reasons());
        });
  }

  private Optional<Instant> expiry(String id) {
    return byId(id).flatMap(Token::expires);
  }

  /** The token in force with this id. */
  Optional<Token> byId(String id) {
    return inForce.values().stream().filter(token -> token.id().equals(id)).findFirst();
  }

  /**
   * Begins a session for a user who has just shown who they are.
   *
   * @param how as it stands in the record
   * @param encrypted whether their browser reaches us by https, as it will have to for this one
   */
  Made begin(Session session, User user, boolean encrypted, String how) throws SQLException {
    return begin(session, user, encrypted, how, Scope.ALL, Optional.empty());
  }

  private Made begin(
      Session session,
      User user,
      boolean encrypted,
      String how,
      Scope scope,
      Optional<Instant> atMost)
      throws SQLException {
    Instant now = changes.clock().instant();
    session.update(
        "UPDATE token SET revoked_at = expires_at WHERE kind = ? AND expires_at <= ? AND"
            + " revoked_at IS NULL",
        Kind.SESSION,
        now);
    session.afterCommit(
        () -> inForce.values().removeIf(token -> token.kind() == Kind.SESSION && over(token)));
    return keep(
        session,
        new Token(
            changes.database().ids().next("tok"),
            Kind.SESSION,
            (encrypted ? ENCRYPTED : PLAIN) + how,
            Optional.of(user.id()),
            scope,
            now,
            Optional.of(
                atMost
                    .filter(end -> end.isBefore(now.plus(SESSION_LIFE)))
                    .orElse(now.plus(SESSION_LIFE)))),
        secret(Kind.SESSION));
  }

  /**
   * Begins a session for whoever has {@code secret}, a user's token: good for what the token is
   * good for, for no longer than the token lives, and over when that is revoked.
   *
   * @param encrypted whether their browser reaches us by https
   * @return empty if it is no user's token in force
   */
  public Optional<Made> beginWith(String secret, boolean encrypted, Optional<String> from) {
    Optional<Token> with = check(secret).filter(token -> token.kind() == Kind.PERSON);
    Optional<Made> made =
        with.flatMap(token ->
            changes.as(
                "token " + token.id(),
                from,
                "session.begin",
                (s, now) -> {
                  Optional<User> user = token.user().flatMap(now::user).filter(User::enabled);
                  // It may have been revoked since it was looked at.
                  boolean stands =
                      s.first(
                              "SELECT 1 FROM token WHERE id = ? AND revoked_at IS NULL",
                              _ -> 1,
                              token.id())
                          .isPresent();
                  if (user.isEmpty() || !stands) {
                    return Optional.empty();
                  }
                  Made session =
                      begin(
                          s,
                          user.get(),
                          encrypted,
                          WITH + token.id(),
                          token.scope(),
                          token.expires());
                  return Optional.of(
                      new Done<>(
                          session,
                          session.token().id(),
                          List.of("the user " + user.get().name(), WITH + token.id())));
                }));
    if (made.isEmpty()) {
      changes.refused(
          "somebody", from, "session.begin", "what was given is no user's token in force");
    }
    return made;
  }

  /** The session in force with this secret, if it came by a cookie as it has to. */
  public Optional<Token> session(String secret, boolean encrypted) {
    return check(secret)
        .filter(token -> token.kind() == Kind.SESSION)
        .filter(token -> token.name().startsWith(encrypted ? ENCRYPTED : PLAIN));
  }

  /** Ends the session that {@code by} is asked by. */
  public void signOut(Caller by) {
    changes.make(
        by,
        "session.end",
        work -> {
          Token session = found(Kind.SESSION, by.token());
          end(work.session(), session);
          return new Done<>(true, session.id(), List.of(session.name()));
        });
  }

  /** A secret for {@link #keep}. */
  String secret(Kind kind) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return kind.prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Puts {@code token} in force with this secret, once what {@code session} wrote is durable. */
  Made keep(Session session, Token token, String secret) throws SQLException {
    String hash = hash(secret);
    session.update(
        "INSERT INTO token (id, kind, name, hash, created_at, person_id, permissions,"
            + " repository_id, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        token.id(),
        token.kind(),
        token.name(),
        hash,
        token.created(),
        token.user(),
        token
            .scope()
            .permissions()
            .map(some ->
                some.stream().sorted().map(Permission::word).collect(Collectors.joining(","))),
        token.scope().repository(),
        token.expires());
    session.afterCommit(() -> inForce.put(hash, token));
    return new Made(token, secret);
  }

  /** The token in force with this secret. */
  public Optional<Token> check(String secret) {
    // Only hashes are compared, so how long it takes says nothing of a secret.
    Token token = inForce.get(hash(secret));
    if (token == null || over(token)) {
      return Optional.empty();
    }
    noteUse(token);
    return Optional.of(token);
  }

  /** Whether the token is still in force. */
  public boolean stands(String id) {
    return byId(id).filter(token -> !over(token)).isPresent();
  }

  private boolean over(Token token) {
    Instant now = changes.clock().instant();
    return token.expires().filter(end -> !now.isBefore(end)).isPresent();
  }

  private void noteUse(Token token) {
    Instant now = changes.clock().instant();
    Instant last = used.get(token.id());
    if (last != null && now.isBefore(last.plus(COARSE))) {
      return;
    }
    used.put(token.id(), now);
    var _ =
        changes
            .database()
            .submit(s -> s.update("UPDATE token SET used_at = ? WHERE id = ?", now, token.id()))
            .exceptionally(e -> {
              // Nothing depends on it, and it is tried again in an hour.
              LOG.warn(
                  "when the token {} was used could not be kept: {}", token.id(), e.getMessage());
              return 0;
            });
  }

  /** About when a token was last used. */
  public Optional<Instant> used(Token token) {
    return Optional.ofNullable(used.get(token.id()));
  }

  /** Those in force, oldest first. */
  public List<Token> list(Kind kind) {
    return inForce.values().stream()
        .filter(token -> token.kind() == kind && !over(token))
        .sorted(Comparator.comparing(Token::id))
        .toList();
  }

  /** Ends an agent's token. */
  public void revokeAgents(Caller by, String id) {
    changes.make(
        by,
        "token.revoke",
        work -> {
          work.needs(Permission.MANAGE_AGENTS);
          Token token = found(Kind.AGENT, id);
          end(work.session(), token);
          return new Done<>(true, id, List.of("of the agent " + token.name()));
        });
  }

  /** Ends a user's token: one's own, or with the right to, another's. */
  public void revoke(Caller by, String id) {
    changes.make(
        by,
        "token.revoke",
        work -> {
          Token token =
              byId(id)
                  .filter(one -> one.kind() == Kind.SESSION)
                  .orElseGet(() -> found(Kind.PERSON, id));
          mayRevoke(work, token);
          end(work.session(), token);
          return new Done<>(true, id, List.of("the token " + token.name()));
        });
  }

  private static void mayRevoke(Work work, Token token) {
    String owner = token.user().orElse("");
    if (!owner.equals(work.by().user().id())) {
      work.needs(Permission.MANAGE_TOKENS);
      if (!work.by().has(work.now().grants(owner))) {
        throw Members.more(work.now().user(owner).map(User::name).orElseThrow());
      }
    } else if (!token.id().equals(work.by().token()) && !token.scope().within(work.by().scope())) {
      throw AccessRefused.forbidden(
          "the token that you use is good for less than the one to revoke; use another");
    }
  }

  private Token found(Kind kind, String id) {
    return byId(id)
        .filter(token -> token.kind() == kind)
        .orElseThrow(() ->
            AccessRefused.unknown(
                kind == Kind.AGENT
                    ? "there is no agent token " + id + " in force"
                    : "there is no token " + id + " in force"));
  }

  private void end(Session session, Token token) throws SQLException {
    session.update(
        "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        changes.clock().instant(),
        token.id());
    // What was begun with it ends with it: else a token that leaked lived on as a session.
    session.update(
        "UPDATE token SET revoked_at = ? WHERE kind = ? AND name IN (?, ?) AND revoked_at IS NULL",
        changes.clock().instant(),
        Kind.SESSION,
        ENCRYPTED + WITH + token.id(),
        PLAIN + WITH + token.id());
    session.afterCommit(
        () -> inForce.values().removeIf(t -> t.id().equals(token.id()) || begunWith(t, token)));
  }

  private static boolean begunWith(Token session, Token token) {
    return session.kind() == Kind.SESSION && session.name().endsWith(": " + WITH + token.id());
  }

  private static String hash(String secret) {
    return Sha256.hex(secret);
  }

  Changes changes() {
    return changes;
  }
}
