package dev.holdfast.orchestrator.link;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.seal.Seal;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The links to forges, sealed in the database. Thread-safe. */
public final class Links implements Credentials {
  private static final int SOURCE_BYTES = 16;
  private static final int SECRET_BYTES = 32;

  private final Database database;
  private final Seal seal;
  private final SecureRandom random = new SecureRandom();

  public Links(Database database, Seal seal) {
    this.database = database;
    this.seal = seal;
  }

  /**
   * A link, the one time that its webhook's secret is known.
   *
   * @param source the last part of the webhook's address; cannot be guessed
   */
  public record Made(String source, String secret) {
    /** The path that the forge calls. */
    public String hook() {
      return "/hook/" + source;
    }
  }

  /** Where a webhook arrived. */
  public record Source(String repository, WebhookSecrets secrets) {}

  /** Links a repository, or links it anew, with a new address and secret. */
  public Made make(Session session, Repository repository, Optional<String> token)
      throws SQLException {
    String source = random(SOURCE_BYTES);
    String secret = random(SECRET_BYTES);
    String id = repository.id();
    session.update(
        "INSERT INTO forge_link (repository_id, source, token, secret) VALUES (?, ?, ?, ?) ON"
            + " CONFLICT (repository_id) DO UPDATE SET source = excluded.source, token ="
            + " excluded.token, secret = excluded.secret, old_secret = NULL, old_until = NULL",
        id,
        source,
        token.map(value -> seal.seal(value, place(id, "token"))),
        seal.seal(secret, place(id, "secret")));
    return new Made(source, secret);
  }

  /**
   * Gives a webhook a new secret; the old one counts for {@code overlap} yet.
   *
   * @return the new one; empty if the repository has no link
   */
  public Optional<Made> rotate(
      Session session, Repository repository, Duration overlap, Instant now) throws SQLException {
    String id = repository.id();
    Optional<Made> old =
        session.first(
            "SELECT source, secret FROM forge_link WHERE repository_id = ?",
            row -> new Made(row.text("source"), seal.open(row.text("secret"), place(id, "secret"))),
            id);
    if (old.isEmpty()) {
      return Optional.empty();
    }
    String secret = random(SECRET_BYTES);
    session.update(
        "UPDATE forge_link SET secret = ?, old_secret = ?, old_until = ? WHERE repository_id = ?",
        seal.seal(secret, place(id, "secret")),
        seal.seal(old.get().secret(), place(id, "old_secret")),
        now.plus(overlap),
        id);
    return Optional.of(new Made(old.get().source(), secret));
  }

  /** The link whose webhooks arrive at {@code source}. */
  public Optional<Source> at(String source) {
    return database.read(s ->
        s.first(
            "SELECT forge_link.* FROM forge_link JOIN repository ON repository.id = repository_id"
                + " WHERE source = ? AND removed_at IS NULL",
            this::source,
            source));
  }

  private Source source(Row row) throws SQLException {
    String id = row.text("repository_id");
    var secrets = new ArrayList<WebhookSecrets.Secret>();
    secrets.add(
        new WebhookSecrets.Secret(
            seal.open(row.text("secret"), place(id, "secret")), Optional.empty()));
    Optional<String> old = row.maybeText("old_secret");
    if (old.isPresent()) {
      secrets.add(
          new WebhookSecrets.Secret(
              seal.open(old.get(), place(id, "old_secret")), row.maybeTime("old_until")));
    }
    return new Source(id, new WebhookSecrets(List.copyOf(secrets)));
  }

  @Override
  public Optional<String> token(Repository repository) {
    return database.read(s ->
        s.first(
                "SELECT token FROM forge_link WHERE repository_id = ?",
                row -> row.maybeText("token"),
                repository.id())
            .flatMap(token -> token)
            .map(token -> seal.open(token, place(repository.id(), "token"))));
  }

  private static String place(String repository, String column) {
    return "forge_link/" + repository + "/" + column;
  }

  private String random(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }
}
