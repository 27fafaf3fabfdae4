package dev.holdfast.orchestrator.report;

import dev.holdfast.model.event.Event;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.Remark;
import dev.holdfast.orchestrator.hold.Comments;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.run.Run;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that a forge is still to be told.
 *
 * <p>What is owed is never written down apart: it is what a run's state differs by from what was
 * told of it. So it cannot be forgotten, and what is newer takes the place of what was not told
 * yet.
 */
sealed interface Owed {
  int MOST = 200;

  /** Holdfast's id of the repository. */
  String repository();

  /** How often it was tried. */
  long tries();

  /** It was told, or need not be. */
  void told(Session session) throws SQLException;

  /** It was not; to be tried again at {@code next}. */
  void failed(Session session, String why, Instant next) throws SQLException;

  /**
   * A run is in another state than was told.
   *
   * @param latest whether no newer run is about the same
   */
  record OfRun(Run run, Event event, boolean latest, long tries) implements Owed {
    @Override
    public String repository() {
      return run.repository();
    }

    @Override
    public void told(Session session) throws SQLException {
      // The state that was told, not the one of now, which may be newer.
      session.update(
          "UPDATE run SET told = ?, tell_tries = 0, tell_error = NULL WHERE id = ?",
          run.state(),
          run.id());
    }

    @Override
    public void failed(Session session, String why, Instant next) throws SQLException {
      session.update(
          "UPDATE run SET tell_tries = tell_tries + 1, tell_at = ?, tell_error = ? WHERE id = ?",
          next,
          why,
          run.id());
    }
  }

  /** A comment was not answered. */
  record Answer(String repository, String delivery, Remark remark, long tries) implements Owed {
    @Override
    public void told(Session session) throws SQLException {
      session.update(
          "UPDATE comment SET owed = 0, tell_error = NULL WHERE repository_id = ? AND delivery = ?",
          repository,
          delivery);
    }

    @Override
    public void failed(Session session, String why, Instant next) throws SQLException {
      session.update(
          "UPDATE comment SET tell_tries = tell_tries + 1, tell_at = ?, tell_error = ? WHERE"
              + " repository_id = ? AND delivery = ?",
          next,
          why,
          repository,
          delivery);
    }
  }

  /** What is due at {@code now}, what waits longest first. */
  static List<Owed> due(Session session, Instant now) throws SQLException {
    record Told(Run run, long tries) {}
    List<Told> runs =
        session.list(
            "SELECT * FROM run WHERE told IS NOT NULL AND told <> state AND tell_at <= ? ORDER BY"
                + " tell_at, id LIMIT "
                + MOST,
            row -> new Told(Run.of(row), row.number("tell_tries")),
            now);
    var all = new ArrayList<Owed>();
    for (Told one : runs) {
      Event event = Holds.event(session, one.run().eventId());
      all.add(new OfRun(one.run(), event, latest(session, one.run(), event), one.tries()));
    }
    all.addAll(
        session.list(
            "SELECT * FROM comment WHERE owed = 1 AND tell_at <= ? ORDER BY tell_at LIMIT " + MOST,
            row ->
                new Answer(
                    row.text("repository_id"),
                    row.text("delivery"),
                    new Remark(
                        Comments.pullRequest(row.text("body")),
                        row.text("delivery"),
                        row.time("received_at").minusSeconds(300),
                        row.text("answer")),
                    row.number("tell_tries")),
            now));
    return all;
  }

  /** Leaves everything of a repository alone until {@code next}: its forge is not well. */
  static void postpone(Session session, String repository, Instant next) throws SQLException {
    session.update(
        "UPDATE run SET tell_at = ? WHERE repository_id = ? AND told IS NOT NULL AND told <> state"
            + " AND tell_at < ?",
        next,
        repository,
        next);
    session.update(
        "UPDATE comment SET tell_at = ? WHERE repository_id = ? AND owed = 1 AND tell_at < ?",
        next,
        repository,
        next);
  }

  private static boolean latest(Session session, Run run, Event event) throws SQLException {
    List<Run> newer =
        session.list(
            "SELECT * FROM run WHERE repository_id = ? AND commit_id = ? AND workflow = ? AND id >"
                + " ?",
            Run::of,
            run.repository(),
            run.commit(),
            run.workflow(),
            run.id());
    for (Run other : newer) {
      Event theirs = Holds.event(session, other.eventId());
      if (Wording.context(other, theirs).equals(Wording.context(run, event))) {
        return false;
      }
    }
    return true;
  }
}
