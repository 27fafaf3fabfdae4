package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The audit entry of a request to which an agent added a secret. */
final class UseOnRecord {
  private UseOnRecord() {}

  static Audit.Entry of(Session session, String attempt, AttemptEvent.SecretUsed used)
      throws SQLException {
    String run = Given.to(session, attempt);
    boolean given = Given.was(session, attempt, used.name());
    String what =
        "step "
            + used.step()
            + " of attempt "
            + attempt
            + ": "
            + used.name()
            + " for "
            + used.method()
            + " "
            + used.host()
            + used.path()
            + (used.status() == 0 ? ", without an answer" : ", answered " + used.status())
            + (given ? "" : ", which the attempt was never given");
    return new Audit.Entry(
        Resolving.ACTOR,
        "secret.use",
        run,
        Optional.empty(),
        given ? Audit.Outcome.DONE : Audit.Outcome.REFUSED,
        List.of(what));
  }
}
