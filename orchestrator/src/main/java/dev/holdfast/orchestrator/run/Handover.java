package dev.holdfast.orchestrator.run;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;

/** Keeps which step was handed which secrets, in the transaction that hears of it. */
@FunctionalInterface
public interface Handover {
  /**
   * An agent handed them over.
   *
   * @param step its position in the job
   * @throws IllegalArgumentException if the attempt was not given all of them
   */
  void handed(Session session, String attempt, int step, Collection<SecretName> names, Instant at)
      throws SQLException;
}
