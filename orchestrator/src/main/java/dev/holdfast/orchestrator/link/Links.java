package dev.holdfast.orchestrator.link;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.seal.Seal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The links to forges, sealed in the database. Thread-safe. */
public final class Links {
  static final int SOURCE_BYTES = 16;
  static final int SECRET_BYTES = 32;

  private final Database database;
  private final Seal seal;
  private final Apps apps;

  public Links(Database database, Seal seal, Apps apps) {
    this.apps = apps;
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
  public sealed interface Source {
    WebhookSecrets secrets();

    /** One repository's; {@code repository} is Holdfast's id of it. */
    record OfRepository(String repository, WebhookSecrets secrets) implements Source {}

    /** That of all repositories that are linked by an app. */
    record OfApp(Apps.App app, WebhookSecrets secrets) implements Source {}
  }

  /** What is shown to the forge of a repository. */
  sealed interface Shown {
    /** A token that somebody gave. */
    record Given(String token) implements Shown {}

    /** One that an app asks for. */
    record OfApp(Apps.App app, long installation) implements Shown {}
  }

  /** Links a repository by an app, where that is installed. */
  public Made make(Session session, Repository repository, Apps.App app, long installation)
      throws SQLException {
    Made made = make(session, repository, Optional.empty());
    session.update(
        "UPDATE forge_link SET app_id = ?, installation = ? WHERE repository_id = ?",
        app.id(),
        installation,
        repository.id());
    return made;
  }

  /** Links a repository, or links it anew, with a new address and secret. */
  public Made make(Session session, Repository repository, Optional<String> token)
      throws SQLException {
    String source = Unguessable.text(SOURCE_BYTES);
    String secret = secret(repository);
    String id = repository.id();
    session.update(
        "INSERT INTO forge_link (repository_id, source, token, secret) VALUES (?, ?, ?, ?) ON"
            + " CONFLICT (repository_id) DO UPDATE SET source = excluded.source, token ="
            + " excluded.token, secret = excluded.secret, old_secret = NULL, old_until = NULL,"
            + " app_id = NULL, installation = NULL",
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
    String secret = secret(repository);
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
    Optional<Source> ofRepository =
        database.read(s ->
            s.first(
                "SELECT forge_link.* FROM forge_link JOIN repository ON repository.id ="
                    + " repository_id WHERE source = ? AND removed_at IS NULL",
                row -> {
                  String id = row.text("repository_id");
                  return new Source.OfRepository(id, secrets(seal, row, place(id, "")));
                },
                source));
    return ofRepository.or(() -> apps.source(source));
  }

  /** The secrets of a row, each sealed at {@code place} and the name of its column. */
  static WebhookSecrets secrets(Seal seal, Row row, String place) throws SQLException {
    var secrets = new ArrayList<WebhookSecrets.Secret>();
    secrets.add(
        new WebhookSecrets.Secret(
            seal.open(row.text("secret"), place + "secret"), Optional.empty()));
    Optional<String> old = row.maybeText("old_secret");
    if (old.isPresent()) {
      secrets.add(
          new WebhookSecrets.Secret(
              seal.open(old.get(), place + "old_secret"), row.maybeTime("old_until")));
    }
    return new WebhookSecrets(List.copyOf(secrets));
  }

  /** What is shown for {@code repository}; empty if nothing. */
  Optional<Shown> shown(Repository repository) {
    return database.read(s -> {
      Optional<Shown> ofApp =
          s.first(
              "SELECT forge_app.*, installation FROM forge_link JOIN forge_app ON forge_app.id ="
                  + " app_id WHERE repository_id = ?",
              row -> new Shown.OfApp(Apps.app(row), row.number("installation")),
              repository.id());
      return ofApp.isPresent()
          ? ofApp
          : s.first(
                  "SELECT token FROM forge_link WHERE repository_id = ?",
                  row -> row.maybeText("token"),
                  repository.id())
              .flatMap(token -> token)
              .map(token -> new Shown.Given(seal.open(token, place(repository.id(), "token"))));
    });
  }

  /**
   * How a repository is linked, without what is secret.
   *
   * @param hook the path that the forge calls
   * @param token whether a token of its own is shown to the forge
   * @param app whose token is shown, and whose webhook tells of it
   */
  public record Standing(String hook, boolean token, Optional<Name> app) {}

  /** How {@code repository} is linked; empty if it is not. */
  public Optional<Standing> standing(Repository repository) {
    return database.read(s ->
        s.first(
            "SELECT forge_link.source, token, forge_app.name AS app FROM forge_link LEFT JOIN forge_app ON"
                + " forge_app.id = app_id WHERE repository_id = ?",
            row ->
                new Standing(
                    "/hook/" + row.text("source"),
                    row.maybeText("token").isPresent(),
                    row.maybeText("app").map(Name::new)),
            repository.id()));
  }

  /** Whether {@code repository} is linked by {@code app}. */
  public boolean linked(Repository repository, Apps.App app) {
    return shown(repository)
        .filter(shown -> shown instanceof Shown.OfApp(var by, var at) && by.id().equals(app.id()))
        .isPresent();
  }

  /** Seals anew what an earlier release sealed; answers how much that was. */
  static int upgrade(Session session, Seal seal) throws SQLException {
    return Resealing.of(
        seal,
        session.list(
            "SELECT repository_id AS id, token, secret, old_secret FROM forge_link",
            row -> Resealing.row(row, "token", "secret", "old_secret")),
        (id, columns) ->
            session.update(
                "UPDATE forge_link SET token = ?, secret = ?, old_secret = ? WHERE"
                    + " repository_id = ?",
                columns.get("token"),
                columns.get("secret"),
                columns.get("old_secret"),
                id),
        Links::place);
  }

  private static String place(String repository, String column) {
    return "forge_link/" + repository + "/" + column;
  }

  /** As whoever signs with it wants it to be written. */
  private static String secret(Repository repository) {
    return repository.location() instanceof Repository.Location.AtForge at
            && at.host().kind() != Repository.Kind.GITLAB
        ? Unguessable.text(SECRET_BYTES)
        : WebhookSecrets.STANDARD
            + Base64.getEncoder().encodeToString(Unguessable.bytes(SECRET_BYTES));
  }
}
