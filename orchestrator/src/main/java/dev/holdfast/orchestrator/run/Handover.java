package dev.holdfast.orchestrator.run;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;

/**
 * Keeps which step was handed which secrets, and what was used, in the transaction that hears of
 * it.
 */
public record Handover(Handed handed, Used used) {
  /** An agent handed secrets over. */
  @FunctionalInterface
  public interface Handed {
    /**
     * Keeps it.
     *
     * @param step its position in the job
     * @throws IllegalArgumentException if the attempt was not given all of them
     */
    void keep(Session session, String attempt, int step, Collection<SecretName> names, Instant at)
        throws SQLException;
  }

  /** An agent added a secret to a request. */
  @FunctionalInterface
  public interface Used {
    /** Keeps it. */
    void keep(Session session, String attempt, AttemptEvent.SecretUsed used) throws SQLException;
  }
}
