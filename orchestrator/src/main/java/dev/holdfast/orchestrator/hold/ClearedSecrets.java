package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.secret.Entitled;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What attempts may have, by what let their jobs start. It is the signed clearance that is believed
 * and not the trust that stands with the run, which whoever writes the database could raise.
 * Thread-safe.
 */
public final class ClearedSecrets implements Entitled {
  private final Clearances clearances;
  private final Granted granted;

  public ClearedSecrets(Clearances clearances, Granted granted) {
    this.clearances = clearances;
    this.granted = granted;
  }

  private record Started(String run, Name job, String repository, String commit, String workflow) {}

  @Override
  public Entitlement of(Session session, String attempt) throws SQLException {
    Started started =
        session
            .first(
                "SELECT run.id, job.job_key, run.repository_id, run.commit_id, run.workflow FROM"
                    + " attempt JOIN run ON run.id = attempt.run_id JOIN job ON job.id ="
                    + " attempt.job_id WHERE attempt.id = ?",
                row ->
                    new Started(
                        row.text("id"),
                        job(row.text("job_key")),
                        row.text("repository_id"),
                        row.text("commit_id"),
                        row.text("workflow")),
                attempt)
            .orElseThrow(() -> new UnknownId("there is no attempt " + attempt));
    Optional<Clearance.Signed> signed = Clearances.of(session, started.run(), started.job());
    if (signed.isEmpty()) {
      return none("nothing is on record that let it start");
    }
    Clearance cleared = signed.get().clearance();
    if (!clearances.signed(signed.get())) {
      return none("what let it start is not signed by this installation");
    }
    if (!cleared.run().equals(started.run())
        || !cleared.repository().equals(started.repository())
        || !cleared.head().value().equals(started.commit())
        || !cleared.workflow().value().equals(started.workflow())) {
      return none("what let it start is that of another run");
    }
    if (!cleared.limits().secrets()) {
      return none("what let it start says that it gets no secrets");
    }
    return new Entitlement(
        Optional.empty(), cleared.trust() == Trust.TRUSTED, granted.granted(session, attempt));
  }

  private static Entitlement none(String why) {
    return new Entitlement(Optional.of(why), false, List.of());
  }

  /** A matrix makes several of one job, whose keys go on with a bracket. */
  private static Name job(String key) {
    int bracket = key.indexOf('[');
    return new Name(bracket < 0 ? key : key.substring(0, bracket));
  }
}
