package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * The commits of branches that a decision let run, or a person released, or that stood there when
 * the repository was added. What is pushed is compared with these, never with what merely was there
 * before: that may be something that waits.
 */
public final class Settled {
  /** Stands as the event of what was there when the repository was added; older than any. */
  private static final String BEFORE_ALL = "";

  private Settled() {}

  /**
   * A settled commit.
   *
   * @param trust of whoever it was decided for
   */
  public record Commit(CommitId id, Trust trust) {
    static Commit of(Row row) throws SQLException {
      return new Commit(new CommitId(row.text("commit_id")), Trust.valueOf(row.text("trust")));
    }
  }

  /** The newest of a branch. */
  public static Optional<Commit> newest(Session session, String repository, RefName branch)
      throws SQLException {
    return session.first(
        "SELECT * FROM settled WHERE repository_id = ? AND ref = ? ORDER BY event_id DESC LIMIT 1",
        Commit::of,
        repository,
        branch.value());
  }

  /** This commit, if it is settled on this branch. */
  public static Optional<Commit> on(
      Session session, String repository, RefName branch, CommitId commit) throws SQLException {
    return session.first(
        "SELECT * FROM settled WHERE repository_id = ? AND ref = ? AND commit_id = ?",
        Commit::of,
        repository,
        branch.value(),
        commit.value());
  }

  /** This commit, if it is settled on any branch; the least trusted time that it was. */
  public static Optional<Commit> anywhere(Session session, String repository, CommitId commit)
      throws SQLException {
    return session
        .list(
            "SELECT * FROM settled WHERE repository_id = ? AND commit_id = ?",
            Commit::of,
            repository,
            commit.value())
        .stream()
        .min(java.util.Comparator.comparing(Commit::trust));
  }

  /**
   * Settles what {@code event} brought. An event that is older than another of the branch, since it
   * waited, does not become its newest.
   */
  static void settle(
      Session session,
      String repository,
      RefName branch,
      CommitId commit,
      String event,
      Trust trust,
      Instant now)
      throws SQLException {
    session.update(
        "INSERT INTO settled (repository_id, ref, commit_id, event_id, trust, settled_at) VALUES (?,"
            + " ?, ?, ?, ?, ?) ON CONFLICT (repository_id, ref, commit_id) DO UPDATE SET event_id ="
            + " excluded.event_id, trust = excluded.trust, settled_at = excluded.settled_at WHERE"
            + " excluded.event_id > settled.event_id",
        repository,
        branch.value(),
        commit.value(),
        event,
        trust,
        now);
  }

  /** Settles what stands in a repository that is added; whoever adds it vouches for that. */
  public static void found(
      Session session, String repository, RefName branch, CommitId commit, Instant now)
      throws SQLException {
    settle(session, repository, branch, commit, BEFORE_ALL, Trust.TRUSTED, now);
  }

  /** Settles a push that a decision let run. */
  public static void ran(
      Session session,
      String repository,
      RefName branch,
      CommitId commit,
      String event,
      Trust trust,
      Instant now)
      throws SQLException {
    settle(session, repository, branch, commit, event, trust, now);
  }
}
