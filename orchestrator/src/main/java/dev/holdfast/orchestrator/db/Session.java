package dev.holdfast.orchestrator.db;

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
 * A connection with its prepared statements, for the duration of one read or write. SQL is always
 * one of the program's own constants, so that the statements kept are few; values are always
 * parameters. Parameters are {@code String}, {@code Long}, {@code Integer}, {@code Boolean} (0 or
 * 1), {@link Instant} (milliseconds), enums (their name), {@link Optional} of these, or null. Not
 * thread-safe.
 */
public final class Session {
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final List<Runnable> afterCommit = new ArrayList<>();

  Session(Connection connection) {
    this.connection = connection;
  }

  /** Runs {@code sql} and says how many rows it changed. */
  public int update(String sql, @Nullable Object... parameters) throws SQLException {
    try {
      return prepared(sql, parameters).executeUpdate();
    } catch (SQLException e) {
      throw forget(sql, e);
    }
  }

  /** All rows of {@code sql}. */
  public <T> List<T> list(String sql, Row.Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (ResultSet result = prepared(sql, parameters).executeQuery()) {
      var row = new Row(result);
      var out = new ArrayList<T>();
      while (result.next()) {
        out.add(mapper.map(row));
      }
      return out;
    } catch (SQLException e) {
      throw forget(sql, e);
    }
  }

  /** The first row of {@code sql}, if there is any. */
  public <T> Optional<T> first(String sql, Row.Mapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (ResultSet result = prepared(sql, parameters).executeQuery()) {
      return result.next() ? Optional.of(mapper.map(new Row(result))) : Optional.empty();
    } catch (SQLException e) {
      throw forget(sql, e);
    }
  }

  /**
   * Has {@code action} run once what was written is durable, on the writer's thread; never if it is
   * not. It must be short and must not wait.
   */
  public void afterCommit(Runnable action) {
    afterCommit.add(action);
  }

  int actions() {
    return afterCommit.size();
  }

  void forgetActions(int from) {
    afterCommit.subList(from, afterCommit.size()).clear();
  }

  List<Runnable> takeActions() {
    var taken = List.copyOf(afterCommit);
    afterCommit.clear();
    return taken;
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

  /** A statement that failed, say on a full disk, may not be fit to be run again. */
  private SQLException forget(String sql, SQLException cause) {
    PreparedStatement failed = statements.remove(sql);
    if (failed != null) {
      try {
        failed.close();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
    return cause;
  }

  private static void bind(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setObject(index, null);
      case String text -> statement.setString(index, text);
      case Long number -> statement.setLong(index, number);
      case Integer number -> statement.setLong(index, number);
      case Boolean flag -> statement.setLong(index, flag ? 1 : 0);
      case Instant time -> statement.setLong(index, time.toEpochMilli());
      case Enum<?> constant -> statement.setString(index, constant.name());
      case Optional<?> maybe -> bind(statement, index, maybe.orElse(null));
      default -> throw new IllegalArgumentException(value.getClass() + " is not a parameter");
    }
  }
}
