package dev.holdfast.orchestrator.db;

import java.sql.SQLException;

/**
 * Something to do in the one writing transaction. What it throws undoes it, and only it. It runs on
 * the thread that everybody waits for: no I/O but SQL, no waiting.
 */
@FunctionalInterface
public interface Write<T> {
  T apply(Session session) throws SQLException;
}
