package dev.holdfast.orchestrator.link;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.seal.Seal;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Seals with today's keys what earlier releases sealed with the master key itself. From then on
 * that key only wraps, and can be changed.
 */
public final class Resealing {
  private Resealing() {}

  /** Does it at the start, in one transaction; answers how many values that were. */
  public static int all(Database database, Seal seal) {
    return database.write(s -> Links.upgrade(s, seal) + Apps.upgrade(s, seal));
  }

  /** A row's sealed columns, by name. */
  record Sealed(String id, Map<String, Optional<String>> columns) {}

  static Sealed row(Row row, String... columns) throws SQLException {
    var sealed = new LinkedHashMap<String, Optional<String>>();
    for (String column : columns) {
      sealed.put(column, row.maybeText(column));
    }
    return new Sealed(row.text("id"), sealed);
  }

  /** Writes a row. */
  @FunctionalInterface
  interface Writing {
    int write(String id, Map<String, Optional<String>> columns) throws SQLException;
  }

  /** The place that a column of a row is sealed for. */
  @FunctionalInterface
  interface Placing {
    String place(String id, String column);
  }

  static int of(Seal seal, List<Sealed> rows, Writing writing, Placing placing)
      throws SQLException {
    int anew = 0;
    for (Sealed row : rows) {
      var columns = new LinkedHashMap<>(row.columns());
      int before = anew;
      for (var column : row.columns().entrySet()) {
        Optional<String> old = column.getValue().filter(text -> !Seal.isNew(text));
        if (old.isPresent()) {
          String place = placing.place(row.id(), column.getKey());
          columns.put(column.getKey(), Optional.of(seal.seal(seal.open(old.get(), place), place)));
          anew++;
        }
      }
      if (anew > before) {
        writing.write(row.id(), columns);
      }
    }
    return anew;
  }
}
