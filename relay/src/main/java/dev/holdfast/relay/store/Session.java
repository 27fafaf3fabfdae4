package dev.holdfast.relay.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its prepared statements. SQL is always one of the program's own constants;
 * values are always parameters. Not thread-safe.
 */
final class Session {
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final List<Runnable> afterCommit = new ArrayList<>();

  /** Reads one row of a result. */
  @FunctionalInterface
  interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** A read or a write. */
  @FunctionalInterface
  interface Work<T> {
    T apply(Session session) throws SQLException;
  }

  Session(Connection connection) {
    this.connection = connection;
  }

  int update(String sql, @Nullable Object... parameters) throws SQLException {
    return prepared(sql, parameters).executeUpdate();
  }

  <T> List<T> list(String sql, Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
      var out = new ArrayList<T>();
      while (rows.next()) {
        out.add(mapper.map(rows));
      }
      return out;
    }
  }

  <T> Optional<T> first(String sql, Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
      return rows.next() ? Optional.of(mapper.map(rows)) : Optional.empty();
    }
  }

  /** Has {@code action} run once what was written is durable; never if it is not. */
  void afterCommit(Runnable action) {
    afterCommit.add(action);
  }

  List<Runnable> takeActions() {
    var taken = List.copyOf(afterCommit);
    afterCommit.clear();
    return taken;
  }

  static Instant time(ResultSet row, String column) throws SQLException {
    return Instant.ofEpochMilli(row.getLong(column));
  }

  static Optional<Instant> maybeTime(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(value));
  }

  Connection connection() {
    return connection;
  }

  void close() throws SQLException {
    statements.clear();
    connection.close();
  }

  private PreparedStatement prepared(String sql, @Nullable Object... parameters)
      throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      bind(statement, i + 1, parameters[i]);
    }
    return statement;
  }

  private static void bind(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setObject(index, null);
      case String text -> statement.setString(index, text);
      case Long number -> statement.setLong(index, number);
      case Integer number -> statement.setLong(index, number);
      case Instant time -> statement.setLong(index, time.toEpochMilli());
      case byte[] bytes -> statement.setBytes(index, bytes);
      default -> throw new IllegalArgumentException(value.getClass() + " is not a parameter");
    }
  }
}
