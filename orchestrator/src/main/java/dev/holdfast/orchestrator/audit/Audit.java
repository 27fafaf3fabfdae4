package dev.holdfast.orchestrator.audit;

import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The record of everything that mattered. It only grows. */
public interface Audit {
  /**
   * Puts {@code entry} on record, in the very transaction of the action that it is about: an action
   * whose entry cannot be written does not happen.
   */
  void record(Session session, Entry entry) throws SQLException;

  /** How an action ended. */
  enum Outcome {
    DONE,
    /** Nothing happened, since it was not allowed. */
    REFUSED
  }

  /**
   * One action.
   *
   * @param actor the id of a user, a token or an agent, or {@code holdfast} for what it did itself
   * @param action what was done, as {@code hold.approve}; lower case, with a dot
   * @param subject the id of what it was done to
   * @param from the address that it was asked from; empty where nobody asked
   * @param reasons one line each; no secrets
   */
  record Entry(
      String actor,
      String action,
      String subject,
      Optional<String> from,
      Outcome outcome,
      List<String> reasons) {
    public Entry {
      reasons = List.copyOf(reasons);
    }
  }
}
