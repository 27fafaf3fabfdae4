package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.Rights;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.run.Conflict;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Commands in comments on pull requests. One is durable before its webhook is answered, and is done
 * once everything that arrived before it was decided: what it approves must be what its author saw.
 * Thread-safe.
 */
public final class Comments {
  private static final String WAITS =
      "SELECT * FROM comment WHERE state = 'RECEIVED' AND NOT EXISTS (SELECT 1 FROM event WHERE"
          + " event.repository_id = comment.repository_id AND event.state = 'RECEIVED' AND"
          + " event.received_at <= comment.received_at) ORDER BY received_at, delivery LIMIT 100";

  private final Database database;
  private final Approving approving;
  private final Rights rights;
  private final InstantSource clock;

  public Comments(Database database, Approving approving, Rights rights, InstantSource clock) {
    this.database = database;
    this.approving = approving;
    this.rights = rights;
    this.clock = clock;
  }

  private record Kept(long pullRequest, long comment, Contributor by, CommentCommand command) {}

  /** The pull request that a kept comment is on. */
  public static long pullRequest(String body) {
    return Records.read(Kept.class, body).pullRequest();
  }

  private record Waiting(String repository, String delivery, Kept said) {}

  /** Keeps a comment. The same delivery again does nothing. */
  public void accept(String delivery, Delivered.Commented said) {
    database.write(s ->
        s.update(
            "INSERT INTO comment (repository_id, delivery, body, state, received_at) VALUES (?, ?,"
                + " ?, 'RECEIVED', ?) ON CONFLICT (repository_id, delivery) DO NOTHING",
            said.repository(),
            delivery,
            Records.write(
                Kept.class,
                new Kept(said.pullRequest(), said.comment(), said.by(), said.command())),
            clock.instant()));
    sweep();
  }

  /** Does what waits and may be done. To be called every second or so. */
  public void sweep() {
    boolean any = database.read(s -> s.first(WAITS, row -> 1).isPresent());
    if (any) {
      database.write(session -> {
        List<Waiting> waiting =
            session.list(
                WAITS,
                row ->
                    new Waiting(
                        row.text("repository_id"),
                        row.text("delivery"),
                        Records.read(Kept.class, row.text("body"))));
        for (Waiting comment : waiting) {
          String answer = done(session, comment, clock.instant());
          session.update(
              "UPDATE comment SET state = 'DONE', answer = ?, owed = 1 WHERE repository_id = ? AND"
                  + " delivery = ?",
              answer,
              comment.repository(),
              comment.delivery());
        }
        return waiting.size();
      });
    }
  }

  private String done(Session session, Waiting comment, Instant now) throws SQLException {
    return switch (comment.said().command()) {
      case CommentCommand.Wrong(var why) -> "Nothing was approved: " + why;
      case CommentCommand.None() -> "Nothing was asked for.";
      case CommentCommand.Approve approve -> approve(session, comment, approve, now);
    };
  }

  private String approve(
      Session session, Waiting comment, CommentCommand.Approve approve, Instant now)
      throws SQLException {
    Contributor by = comment.said().by();
    if (!(rights.linked(by) instanceof Lookup.Known<String>(var user))) {
      return "Nothing was approved: no Holdfast user is linked to the account "
          + by.id()
          + "; holdfast user link does that.";
    }
    List<Hold> open = Holds.open(session, comment.repository(), comment.said().pullRequest());
    List<Hold> meant = open.stream().filter(hold -> approve.means(hold.head())).toList();
    if (meant.isEmpty()) {
      return open.isEmpty()
          ? "Nothing was approved: nothing of this pull request waits."
          : "Nothing was approved: the pull request is at " + open.getFirst().head() + " now.";
    }
    var said = new StringBuilder();
    Optional<String> from = Optional.of("comment " + comment.said().comment());
    for (Hold hold : meant) {
      try {
        Approving.Approved approved = approving.approve(session, hold.id(), user, from, now);
        said.append(
            approved.missing().isEmpty()
                ? "Approved for " + hold.head() + ": it runs. "
                : "Counted for "
                    + hold.head()
                    + "; still needed: "
                    + String.join("; ", approved.missing())
                    + ". ");
      } catch (NotAllowed e) {
        approving.refused(session, hold, user, from, String.valueOf(e.getMessage()));
        said.append("Nothing was approved: ").append(e.getMessage()).append(". ");
      } catch (Conflict e) {
        said.append("Nothing was approved: ").append(e.getMessage()).append(". ");
      }
    }
    return said.toString().strip();
  }
}
