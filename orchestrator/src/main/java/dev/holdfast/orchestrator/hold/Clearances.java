package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.SigningKey;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

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

  /** Takes some tenths of a millisecond: where there is a choice, outside of a write. */
  public Clearance.Signed sign(Clearance clearance) {
    return clearance.signed(key.secret());
  }

  /** The signature over an approval. */
  String sign(dev.holdfast.model.approval.Approval approval) {
    return Signatures.sign(key.secret(), approval.canonical());
  }

  /** Whether it was this orchestrator that signed it. */
  boolean good(Clearance.Signed signed) {
    return signed.by(key.open());
  }

  /** Whether an approval is one that was given here, and as it was given. */
  boolean good(Given given) {
    return Signatures.good(key.open(), given.approval().canonical(), given.signature());
  }

  /** Keeps a clearance for a run. */
  public void keep(Session session, String run, Clearance.Signed signed) throws SQLException {
    session.update(
        "INSERT INTO clearance (id, run_id, body) VALUES (?, ?, ?)",
        ids.next("clr"),
        run,
        Records.write(Clearance.Signed.class, signed));
  }

  /** What lets this job of a run start; empty if nothing does. */
  public static Optional<Clearance.Signed> of(Session session, String run, Name job)
      throws SQLException {
    List<Clearance.Signed> all =
        session.list(
            "SELECT body FROM clearance WHERE run_id = ? ORDER BY id DESC",
            row -> Records.read(Clearance.Signed.class, row.text("body")),
            run);
    return all.stream().filter(signed -> signed.clearance().jobs().contains(job)).findFirst();
  }
}
