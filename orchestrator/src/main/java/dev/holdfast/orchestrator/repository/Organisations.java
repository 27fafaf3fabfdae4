package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Which organisation a repository is of. Whoever adds it says so, and no forge does: a name there
 * can change hands.
 */
public final class Organisations {
  private Organisations() {}

  /** The organisation of the repository with this id; empty if it is of none. */
  public static Optional<Name> of(Session session, String repository) throws SQLException {
    return session
        .first(
            "SELECT organisation FROM repository WHERE id = ?",
            row -> row.maybeText("organisation"),
            repository)
        .flatMap(name -> name)
        .map(Name::new);
  }

  /** Says which it is of. */
  public static void put(Session session, String repository, Name organisation)
      throws SQLException {
    session.update(
        "UPDATE repository SET organisation = ? WHERE id = ?", organisation.value(), repository);
  }

  /** Whether any repository is of it. */
  public static boolean exists(Session session, Name organisation) throws SQLException {
    return session
        .first(
            "SELECT 1 FROM repository WHERE organisation = ? AND removed_at IS NULL",
            row -> 1,
            organisation.value())
        .isPresent();
  }
}
