package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.SigningKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Signs what lets jobs start, when it does, and keeps it for the agents that get them. Thread-safe.
 */
public final class Clearances {
  private final SigningKey key;
  private final Ids ids;

  public Clearances(SigningKey key, Ids ids) {
    this.key = key;
    this.ids = ids;
  }

  /** With what agents check. */
  public String key() {
    return key.openText();
  }

  /** Whether it was signed here, and is as it was then. */
  boolean signed(Clearance.Signed clearance) {
    return clearance.by(key.open());
  }

  /** Takes some tenths of a millisecond: where there is a choice, outside of a write. */
  public Clearance.Signed sign(Clearance clearance) {
    return clearance.signed(key.secret());
  }

  /** The signature over an approval. */
  String sign(dev.holdfast.model.approval.Approval approval) {
    return Signatures.sign(key.secret(), approval.canonical());
  }

  /** Keeps a clearance for a run. */
  public void keep(Session session, String run, Clearance.Signed signed) throws SQLException {
    session.update(
        "INSERT INTO clearance (id, run_id, body) VALUES (?, ?, ?)",
        ids.next("clr"),
        run,
        Records.write(Clearance.Signed.class, signed));
  }

  /**
   * Signs anew what let jobs of a run start, since somebody had it go on. What this server did not
   * sign is left as it is, and no agent starts it.
   *
   * @param kept the jobs that wait for people, whatever let them start before
   */
  void renew(Session session, String run, Set<Name> kept, Instant now) throws SQLException {
    var seen = new LinkedHashSet<>(kept);
    for (Clearance.Signed old : all(session, run)) {
      List<Name> jobs = old.clearance().jobs().stream().filter(seen::add).toList();
      if (!jobs.isEmpty() && old.by(key.open())) {
        keep(session, run, sign(old.clearance().again(jobs, now)));
      }
    }
  }

  /**
   * The most that a job of a run gets, as it was signed when it was let start; empty if nothing
   * lets it start that this server signed. Whoever gives jobs secrets, or keeps what they cache,
   * asks this.
   */
  public Optional<Limits> limits(Session session, String run, Name job) throws SQLException {
    return of(session, run, job)
        .filter(signed -> signed.by(key.open()) && signed.clearance().run().equals(run))
        .map(signed -> signed.clearance().limits());
  }

  /** Whether this server signed the approval. */
  boolean good(Given given) {
    return Signatures.good(key.open(), given.approval().canonical(), given.signature());
  }

  /** What lets this job of a run start; empty if nothing does. */
  public static Optional<Clearance.Signed> of(Session session, String run, Name job)
      throws SQLException {
    return all(session, run).stream()
        .filter(signed -> signed.clearance().jobs().contains(job))
        .findFirst();
  }

  /** Newest first. */
  private static List<Clearance.Signed> all(Session session, String run) throws SQLException {
    return session.list(
        "SELECT body FROM clearance WHERE run_id = ? ORDER BY id DESC",
        row -> Records.read(Clearance.Signed.class, row.text("body")),
        run);
  }
}
