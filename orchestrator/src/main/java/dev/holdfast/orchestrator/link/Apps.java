package dev.holdfast.orchestrator.link;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.github.AppCalls;
import dev.holdfast.orchestrator.forge.github.AppKey;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.seal.Seal;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What Holdfast is as an app at GitHubs; their keys are sealed in the database. Thread-safe. */
public final class Apps {
  private final Database database;
  private final Seal seal;

  public Apps(Database database, Seal seal) {
    this.database = database;
    this.seal = seal;
  }

  /**
   * An app.
   *
   * @param name what people here call it
   * @param number GitHub's
   */
  public record App(String id, Name name, Repository.Host host, long number, Instant added) {}

  /** All, by name. */
  public List<App> list() {
    return database.read(s -> s.list("SELECT * FROM forge_app ORDER BY name", Apps::app));
  }

  public Optional<App> byName(Name name) {
    return database.read(
        s -> s.first("SELECT * FROM forge_app WHERE name = ?", Apps::app, name.value()));
  }

  /** The one that has this number at this forge. */
  public Optional<App> at(Repository.Host host, long number) {
    return database.read(s ->
        s.first(
            "SELECT * FROM forge_app WHERE api = ? AND number = ?",
            Apps::app,
            host.api().toString(),
            number));
  }

  /** Keeps one whose name and number are new. */
  public Links.Made add(
      Session session, Name name, Repository.Host host, long number, String key, Instant now)
      throws SQLException {
    String id = database.ids().next("app");
    var made =
        new Links.Made(Unguessable.text(Links.SOURCE_BYTES), Unguessable.text(Links.SECRET_BYTES));
    session.update(
        "INSERT INTO forge_app (id, name, api, number, source, private_key, secret, added_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        name.value(),
        host.api().toString(),
        number,
        made.source(),
        seal.seal(key, place(id, "private_key")),
        seal.seal(made.secret(), place(id, "secret")),
        now);
    return made;
  }

  /** Gives its webhook a new secret; the old one counts for {@code overlap} yet. */
  public Links.Made rotate(Session session, App app, Duration overlap, Instant now)
      throws SQLException {
    String id = app.id();
    Links.Made old =
        session
            .first(
                "SELECT source, secret FROM forge_app WHERE id = ?",
                row ->
                    new Links.Made(
                        row.text("source"), seal.open(row.text("secret"), place(id, "secret"))),
                id)
            .orElseThrow();
    String secret = Unguessable.text(Links.SECRET_BYTES);
    session.update(
        "UPDATE forge_app SET secret = ?, old_secret = ?, old_until = ? WHERE id = ?",
        seal.seal(secret, place(id, "secret")),
        seal.seal(old.secret(), place(id, "old_secret")),
        now.plus(overlap),
        id);
    return new Links.Made(old.source(), secret);
  }

  /** Removes one by which no repository is linked; answers whether it did. */
  public boolean remove(Session session, App app) throws SQLException {
    boolean used =
        session
            .first(
                "SELECT 1 FROM forge_link JOIN repository ON repository.id = repository_id WHERE"
                    + " app_id = ? AND removed_at IS NULL",
                row -> 1,
                app.id())
            .isPresent();
    if (used) {
      return false;
    }
    session.update(
        "UPDATE forge_link SET app_id = NULL, installation = NULL WHERE app_id = ?", app.id());
    return session.update("DELETE FROM forge_app WHERE id = ?", app.id()) > 0;
  }

  /** As what it shows itself to its forge. */
  public AppCalls.Self self(App app) {
    return database.read(s ->
        s.first(
                "SELECT * FROM forge_app WHERE id = ?",
                row ->
                    new AppCalls.Self(
                        app.host().api(),
                        app.number(),
                        AppKey.of(
                            seal.open(row.text("private_key"), place(app.id(), "private_key")))),
                app.id())
            .orElseThrow());
  }

  /** The one whose webhooks arrive at {@code source}. */
  Optional<Links.Source> source(String source) {
    return database.read(s ->
        s.first(
            "SELECT * FROM forge_app WHERE source = ?",
            row ->
                new Links.Source.OfApp(
                    app(row), Links.secrets(seal, row, place(row.text("id"), ""))),
            source));
  }

  static App app(Row row) throws SQLException {
    return new App(
        row.text("id"),
        new Name(row.text("name")),
        new Repository.Host(Repository.Kind.GITHUB, URI.create(row.text("api"))),
        row.number("number"),
        row.time("added_at"));
  }

  /** As {@link Links#upgrade}. */
  static int upgrade(Session session, Seal seal) throws SQLException {
    return Resealing.of(
        seal,
        session.list(
            "SELECT id, private_key, secret, old_secret FROM forge_app",
            row -> Resealing.row(row, "private_key", "secret", "old_secret")),
        (id, columns) ->
            session.update(
                "UPDATE forge_app SET private_key = ?, secret = ?, old_secret = ? WHERE id = ?",
                columns.get("private_key"),
                columns.get("secret"),
                columns.get("old_secret"),
                id),
        Apps::place);
  }

  private static String place(String id, String column) {
    return "forge_app/" + id + "/" + column;
  }
}
