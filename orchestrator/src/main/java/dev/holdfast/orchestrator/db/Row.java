package dev.holdfast.orchestrator.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** One row of a result, read by column name. Valid only inside the mapper that it is given to. */
public final class Row {
  private final ResultSet result;

  Row(ResultSet result) {
    this.result = result;
  }

  public String text(String column) throws SQLException {
    String value = result.getString(column);
    if (value == null) {
      throw new SQLException("the column " + column + " is null");
    }
    return value;
  }

  public Optional<String> maybeText(String column) throws SQLException {
    return Optional.ofNullable(result.getString(column));
  }

  public long number(String column) throws SQLException {
    return result.getLong(column);
  }

  public Optional<Long> maybeNumber(String column) throws SQLException {
    long value = result.getLong(column);
    return result.wasNull() ? Optional.empty() : Optional.of(value);
  }

  public boolean flag(String column) throws SQLException {
    return result.getLong(column) != 0;
  }

  public Instant time(String column) throws SQLException {
    return Instant.ofEpochMilli(result.getLong(column));
  }

  public Optional<Instant> maybeTime(String column) throws SQLException {
    return maybeNumber(column).map(Instant::ofEpochMilli);
  }

  /** Makes a value of a row. */
  @FunctionalInterface
  public interface Mapper<T> {
    T map(Row row) throws SQLException;
  }
}
