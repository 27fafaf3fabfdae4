package dev.holdfast.orchestrator.access;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.db.Database;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bearer tokens. A token is 256 random bits; only its SHA-256 is kept, which is enough for what
 * cannot be guessed. Those in force are held in memory, so that a call costs no query. Thread-safe.
 */
public final class Tokens {
  private static final int BYTES = 32;

  private final Database database;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentHashMap<String, Token> inForce = new ConcurrentHashMap<>();

  /** What a token is for; its text starts with the prefix, so that leaks can be searched for. */
  public enum Kind {
    /** Everything that people and scripts do. */
    ADMIN("hft_"),
    /** What the one agent of its name does. */
    AGENT("hfa_");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** A token without its secret. */
  public record Token(String id, Kind kind, String name, Instant created) {}

  /** A new token, the one time that its secret is known. */
  public record Made(Token token, String secret) {}

  public Tokens(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    database.read(s ->
        s.list(
            "SELECT * FROM token WHERE revoked_at IS NULL",
            row ->
                inForce.put(
                    row.text("hash"),
                    new Token(
                        row.text("id"),
                        Kind.valueOf(row.text("kind")),
                        row.text("name"),
                        row.time("created_at")))));
  }

  /** A secret for {@link #keep}. */
  public String secret(Kind kind) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return kind.prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Makes a token. */
  public Made make(Kind kind, String name) {
    return keep(kind, name, secret(kind));
  }

  /** Puts a token with this secret in force. */
  public Made keep(Kind kind, String name, String secret) {
    String hash = hash(secret);
    var token = new Token(database.ids().next("tok"), kind, name, clock.instant());
    database.write(s ->
        s.update(
            "INSERT INTO token (id, kind, name, hash, created_at) VALUES (?, ?, ?, ?, ?)",
            token.id(),
            kind,
            name,
            hash,
            token.created()));
    inForce.put(hash, token);
    return new Made(token, secret);
  }

  /** The token in force with this secret. */
  public Optional<Token> check(String secret) {
    // Only hashes are compared, so how long it takes says nothing of a secret.
    return Optional.ofNullable(inForce.get(hash(secret)));
  }

  /** Those in force, oldest first. */
  public List<Token> list(Kind kind) {
    return inForce.values().stream()
        .filter(token -> token.kind() == kind)
        .sorted(java.util.Comparator.comparing(Token::id))
        .toList();
  }

  /** Ends a token. Answers false if none of this kind and id is in force. */
  public boolean revoke(Kind kind, String id) {
    int revoked =
        database.write(s ->
            s.update(
                "UPDATE token SET revoked_at = ? WHERE id = ? AND kind = ? AND revoked_at IS"
                    + " NULL",
                clock.instant(),
                id,
                kind));
    inForce.values().removeIf(token -> token.id().equals(id) && token.kind() == kind);
    return revoked > 0;
  }

  private static String hash(String secret) {
    return Sha256.hex(secret);
  }
}
