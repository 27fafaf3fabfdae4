package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.Place;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One version of a secret as it stands in the database.
 *
 * @param sealed none once it is purged
 * @param newest the newest version's number
 */
record SecretRow(
    String id,
    String scope,
    SecretName name,
    long version,
    String source,
    Optional<String> sealed,
    String setBy,
    Instant setAt,
    Optional<String> purgedBy,
    Optional<Instant> purgedAt,
    long newest,
    Optional<Instant> removed) {
  private static final String ALL =
      "SELECT secret.id, secret.scope, secret.name, secret.version AS newest, secret.removed_at,"
          + " secret_version.version, source, sealed, set_by, set_at, purged_by, purged_at FROM"
          + " secret JOIN secret_version ON secret_version.secret_id = secret.id ";

  private static SecretRow of(Row row) throws SQLException {
    return new SecretRow(
        row.text("id"),
        row.text("scope"),
        new SecretName(row.text("name")),
        row.number("version"),
        row.text("source"),
        row.maybeText("sealed"),
        row.text("set_by"),
        row.time("set_at"),
        row.maybeText("purged_by"),
        row.maybeTime("purged_at"),
        row.number("newest"),
        row.maybeTime("removed_at"));
  }

  /** The newest version of each secret of a scope, by name. */
  static List<SecretRow> newest(Session session, SecretScope scope) throws SQLException {
    return session.list(
        ALL + "WHERE secret.scope = ? AND secret_version.version = secret.version ORDER BY name",
        SecretRow::of,
        scope.text());
  }

  /** The newest version of one. */
  static Optional<SecretRow> newest(Session session, SecretScope scope, SecretName name)
      throws SQLException {
    return session.first(
        ALL
            + "WHERE secret.scope = ? AND secret.name = ? AND secret_version.version ="
            + " secret.version",
        SecretRow::of,
        scope.text(),
        name.value());
  }

  /** All versions of one, the newest first. */
  static List<SecretRow> versions(Session session, SecretScope scope, SecretName name)
      throws SQLException {
    return session.list(
        ALL + "WHERE secret.scope = ? AND secret.name = ? ORDER BY secret_version.version DESC",
        SecretRow::of,
        scope.text(),
        name.value());
  }

  /** What it was sealed as. */
  Place place() {
    return place(scope, name, version);
  }

  static Place place(String scope, SecretName name, long version) {
    return Place.of("secret", scope, name.value(), "version " + version);
  }

  /** For people. */
  String described() {
    return name + " version " + version + " of " + scope;
  }
}
