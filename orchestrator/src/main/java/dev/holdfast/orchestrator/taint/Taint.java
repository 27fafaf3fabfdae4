package dev.holdfast.orchestrator.taint;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import java.security.PublicKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far attempts are trusted, by what was signed when they were let start, and what they were
 * given since. Nothing of it is an agent's word, or merely a row of the database. Thread-safe.
 */
public final class Taint {
  private final Runs runs;
  private final Attempts attempts;
  private final PublicKey key;
  private final Audit audit;

  /**
   * @param key with which clearances are checked
   */
  public Taint(Runs runs, Attempts attempts, PublicKey key, Audit audit) {
    this.runs = runs;
    this.attempts = attempts;
    this.key = key;
    this.audit = audit;
  }

  /**
   * What is known of an attempt.
   *
   * @throws NotCleared if what stands in the database is not what was cleared; whoever asked puts
   *     that on record, since this transaction is undone
   */
  public Standing of(Session session, String id) throws SQLException {
    Attempt attempt = attempts.find(session, id);
    Run run = runs.find(session, attempt.run());
    PlannedJob job = attempts.planned(session, attempt);
    Event event = Runs.event(session, run);
    Clearance clearance =
        Clearances.of(session, run.id(), job.job().name())
            .filter(signed -> signed.by(key))
            .map(Clearance.Signed::clearance)
            .orElseThrow(() -> differs(run, "nothing that was signed let it start"));
    same(run, "run", clearance.run(), run.id());
    same(run, "repository", clearance.repository(), run.repository());
    same(run, "workflow", clearance.workflow().value(), run.workflow());
    same(run, "event", clearance.event(), Clearance.hash(event));
    Definition definition = runs.definition(session, run);
    same(run, "definition", clearance.definition(), definition.digest());
    return new Standing(
        attempt,
        run,
        job,
        event,
        definition.digest(),
        clearance.trust(),
        least(session, id).map(clearance.trust()::or).orElse(clearance.trust()),
        clearance.limits().cacheWrites());
  }

  private static void same(Run run, String what, Object cleared, Object found) {
    if (!cleared.equals(found)) {
      throw differs(run, "its " + what + " is not what was cleared");
    }
  }

  private static NotCleared differs(Run run, String what) {
    return new NotCleared(
        run.id(),
        "the run "
            + run.id()
            + " is given no kept files and no token, and keeps nothing: "
            + what
            + "; look who can write the orchestrator's database");
  }

  /** The least trust of what the attempt was given; empty if it was given nothing. */
  public static Optional<Trust> least(Session session, String attempt) throws SQLException {
    return session
        .list(
            "SELECT DISTINCT trust FROM kept_use WHERE attempt_id = ?",
            row -> Trust.valueOf(row.text("trust")),
            attempt)
        .stream()
        .reduce(Trust::or);
  }

  /**
   * Whether an attempt was given something that is trusted less than its run: what a token that it
   * asks for has to say.
   */
  public static boolean usedLowerTrust(Session session, Standing of) throws SQLException {
    return least(session, of.attempt().id())
        .filter(least -> least.compareTo(of.trust()) < 0)
        .isPresent();
  }

  /**
   * Notes that an attempt is given something, before it is.
   *
   * @param subject the id of what it is given
   */
  public void given(
      Session session,
      Standing to,
      String kind,
      String subject,
      Digest digest,
      Trust trust,
      Instant now)
      throws SQLException {
    int noted =
        session.update(
            "INSERT INTO kept_use (attempt_id, kind, subject_id, digest, trust, at) VALUES (?, ?,"
                + " ?, ?, ?, ?) ON CONFLICT (attempt_id, subject_id) DO NOTHING",
            to.attempt().id(),
            kind,
            subject,
            digest.value(),
            trust,
            now);
    if (noted > 0 && trust.compareTo(to.trust()) < 0) {
      record(
          session,
          to,
          kind + ".lower-trust",
          subject,
          Audit.Outcome.DONE,
          "a job of a "
              + to.trust().word()
              + " run was given what a run that is "
              + trust.word()
              + " kept, as its workflow says");
    }
  }

  /** Whether the attempt was given something with this digest. */
  public static boolean mayRead(Session session, String attempt, Digest digest)
      throws SQLException {
    return session
        .first(
            "SELECT 1 FROM kept_use WHERE attempt_id = ? AND digest = ?",
            row -> true,
            attempt,
            digest.value())
        .isPresent();
  }

  /** Puts something that an attempt did or was refused on record. */
  public void record(
      Session session,
      Standing of,
      String action,
      String subject,
      Audit.Outcome outcome,
      String... reasons)
      throws SQLException {
    audit.record(
        session,
        new Audit.Entry(
            of.attempt().agent(),
            action,
            subject,
            Optional.empty(),
            outcome,
            java.util.stream.Stream.concat(
                    java.util.stream.Stream.of(
                        "job " + of.job().key() + " of run " + of.run().id()),
                    List.of(reasons).stream())
                .toList()));
  }
}
