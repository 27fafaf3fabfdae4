package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Conflict;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Has events decided anew: because the policy changed, or because what could not be looked up may
 * be there now. What waited is withdrawn in the same write that puts the event into the inbox once
 * more. Thread-safe.
 */
public final class Again {
  private final Database database;
  private final Holds holds;
  private final Consumer<String> wake;

  /**
   * @param wake is told which repository has an event to decide; must not wait
   */
  public Again(Database database, Holds holds, Consumer<String> wake) {
    this.database = database;
    this.holds = holds;
    this.wake = wake;
  }

  /**
   * Decides a hold's event anew.
   *
   * @throws Conflict if the hold was rejected or released
   */
  public void decide(
      Session session, String id, String by, Optional<String> from, String why, Instant now)
      throws SQLException {
    Hold hold = Holds.find(session, id);
    if (hold.state() == Hold.State.RELEASED || hold.state() == Hold.State.REJECTED) {
      throw new Conflict(
          "the hold " + id + " is over: somebody decided; push again, or re-open the pull request");
    }
    if (hold.step().isPresent()) {
      throw new Conflict(
          "the hold "
              + id
              + " is of a step whose job has begun; approve it, reject it, or cancel"
              + " the run");
    }
    for (Hold other :
        session.list(
            "SELECT * FROM hold WHERE event_id = ? AND state = 'HELD' AND step IS NULL",
            Hold::of,
            hold.event())) {
      holds.end(session, other, Hold.State.WITHDRAWN, by, from, why, now);
    }
    put(session, hold, now);
  }

  /**
   * A policy changed: everything that waits under it is decided anew.
   *
   * @param scope whose policy it is
   */
  public void policyChanged(Session session, PolicyScope scope, String by, Instant now)
      throws SQLException {
    List<Hold> open = Holds.open(session, Optional.empty(), Integer.MAX_VALUE);
    var done = new java.util.HashSet<String>();
    for (Hold hold : open) {
      if (!scope.covers(session, hold.repository())) {
        continue;
      }
      if (hold.step().isPresent()) {
        holds.stepUnderNewPolicy(session, hold, by, now);
      } else if (done.add(hold.event())) {
        decide(session, hold.id(), by, Optional.empty(), "the policy changed", now);
      }
    }
  }

  private void put(Session session, Hold hold, Instant now) throws SQLException {
    Event event = Holds.event(session, hold.event());
    String id = database.ids().next("evt");
    // The number of its tries is part of its name, so that the same one is put there once.
    String root = event.delivery().replaceFirst("^again:[a-z0-9_]+:", "");
    String delivery = "again:" + hold.event() + ":" + root;
    var again =
        new Event(
            delivery.length() <= 200 ? delivery : delivery.substring(0, 200),
            event.repository(),
            event.at(),
            event.contributor(),
            event.happening());
    session.update(
        "INSERT INTO event (id, repository_id, delivery, body, hands, kind, contributor, state,"
            + " tries, retry_at, received_at) SELECT ?, repository_id, ?, ?, hands, kind,"
            + " contributor, 'RECEIVED', 0, 0, ? FROM event WHERE id = ? ON CONFLICT"
            + " (repository_id, delivery) DO NOTHING",
        id,
        again.delivery(),
        Records.write(Event.class, again),
        now,
        hold.event());
    session.afterCommit(() -> wake.accept(event.repository()));
  }
}
