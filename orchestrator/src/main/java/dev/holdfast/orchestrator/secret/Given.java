package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;

/** What is known of an attempt that an agent speaks of. */
final class Given {
  private Given() {}

  /** What an entry of the audit log is about: its run, or itself where there is none. */
  static String to(Session session, String attempt) throws SQLException {
    return session
        .first("SELECT run_id FROM attempt WHERE id = ?", row -> row.text("run_id"), attempt)
        .orElse(attempt);
  }

  /** Whether the attempt was given this secret. */
  static boolean was(Session session, String attempt, SecretName name) throws SQLException {
    return session
        .first(
            "SELECT 1 FROM secret_given WHERE attempt_id = ? AND name = ?",
            row -> 1,
            attempt,
            name.value())
        .isPresent();
  }
}
