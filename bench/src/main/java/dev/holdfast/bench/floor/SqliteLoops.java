package dev.holdfast.bench.floor;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A queue on bare SQLite, in a write-ahead log and fully synchronous: what is inserted, claimed or
 * completed is one transaction each, on the disk when it returns, by one thread.
 */
public final class SqliteLoops implements AutoCloseable {
  /** About what a job's row holds. */
  private static final String PAYLOAD = "{\"steps\":[" + "\"true\",".repeat(85) + "\"true\"]}";

  private final Connection connection;
  private int made;

  private SqliteLoops(Connection connection) {
    this.connection = connection;
  }

  /** A new database in {@code folder}. */
  public static SqliteLoops in(Path folder) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:sqlite:"
                + folder.resolve("floor.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE");
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY, state TEXT NOT NULL, priority"
              + " INTEGER NOT NULL, created_at INTEGER NOT NULL, claimed_by TEXT, payload TEXT)");
      statement.execute("CREATE INDEX IF NOT EXISTS queue ON job (state, priority, created_at)");
    }
    return new SqliteLoops(connection);
  }

  /** Inserts {@code count} jobs and answers how many were inserted in a second. */
  public double inserts(int count) throws SQLException {
    long began = System.nanoTime();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO job (id, state, priority, created_at, payload) VALUES (?, 'QUEUED', 0, ?,"
                + " ?)")) {
      for (int i = 0; i < count; i++) {
        insert.setString(1, "job_" + made);
        insert.setLong(2, made++);
        insert.setString(3, PAYLOAD);
        insert.executeUpdate();
      }
    }
    return count / seconds(began);
  }

  /**
   * Claims and completes {@code count} jobs that were inserted, and answers how many in a second.
   */
  public double claimsAndCompletions(int count) throws SQLException {
    long began = System.nanoTime();
    try (PreparedStatement claim =
            connection.prepareStatement(
                "UPDATE job SET state = 'RUNNING', claimed_by = 'floor' WHERE id = (SELECT id FROM"
                    + " job WHERE state = 'QUEUED' ORDER BY priority DESC, created_at LIMIT 1)"
                    + " RETURNING id");
        PreparedStatement complete =
            connection.prepareStatement("UPDATE job SET state = 'DONE' WHERE id = ?")) {
      for (int i = 0; i < count; i++) {
        String id;
        try (ResultSet claimed = claim.executeQuery()) {
          if (!claimed.next()) {
            throw new SQLException("only " + i + " of " + count + " jobs were there to claim");
          }
          id = claimed.getString(1);
        }
        complete.setString(1, id);
        complete.executeUpdate();
      }
    }
    return count / seconds(began);
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
