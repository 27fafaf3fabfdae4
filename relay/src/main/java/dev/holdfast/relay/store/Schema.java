package dev.holdfast.relay.store;

import java.sql.SQLException;
import java.util.List;

/** Makes the tables, or brings them up to this release. Two relays may start at once. */
final class Schema {
  private static final long LOCK = 0x486f_6c64_6661_7374L;

  private Schema() {}

  static void apply(Session session, Dialect dialect) throws SQLException {
    session.update(dialect.begin());
    try {
      if (dialect == Dialect.POSTGRESQL) {
        session.list("SELECT pg_advisory_xact_lock(?)", row -> 0, LOCK);
      }
      session.update("CREATE TABLE IF NOT EXISTS relay_schema (version BIGINT PRIMARY KEY)");
      long present =
          session
              .first(
                  "SELECT MAX(version) AS version FROM relay_schema", row -> row.getLong("version"))
              .orElse(0L);
      List<List<String>> versions = dialect.versions();
      if (present > versions.size()) {
        throw new SQLException(
            "it was written by a newer release, which has version "
                + present
                + " of the tables and this one "
                + versions.size()
                + "; update this relay");
      }
      for (int version = (int) present + 1; version <= versions.size(); version++) {
        for (String statement : versions.get(version - 1)) {
          session.update(statement);
        }
        session.update("INSERT INTO relay_schema (version) VALUES (?)", version);
      }
      session.update("COMMIT");
    } catch (SQLException e) {
      try {
        session.update("ROLLBACK");
      } catch (SQLException rollback) {
        e.addSuppressed(rollback);
      }
      throw e;
    }
  }
}
