package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.orchestrator.access.Rights;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
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

  /** In place of a pull request's number, for what nobody wrote into a thread. */
  private static final long NO_THREAD = 0;

  private final Approving approving;
  private final Holds holds;
  private final Runs runs;
  private final Repositories repositories;
  private final Rights rights;
  private final Audit audit;
  private final InstantSource clock;

  public Comments(
      Database database,
      Approving approving,
      Holds holds,
      Runs runs,
      Repositories repositories,
      Rights rights,
      Audit audit,
      InstantSource clock) {
    this.database = database;
    this.holds = holds;
    this.runs = runs;
    this.repositories = repositories;
    this.audit = audit;
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
    accept(
        said.repository(),
        delivery,
        new Kept(said.pullRequest(), said.comment(), said.by(), said.command()));
  }

  /** Keeps what a button asks for. The same delivery again does nothing. */
  public void accept(String delivery, Delivered.Again asked) {
    accept(
        asked.repository(),
        delivery,
        new Kept(NO_THREAD, NO_THREAD, asked.by(), new CommentCommand.Again(asked.run())));
  }

  private void accept(String repository, String delivery, Kept kept) {
    database.write(s ->
        s.update(
            "INSERT INTO comment (repository_id, delivery, body, state, received_at) VALUES (?, ?,"
                + " ?, 'RECEIVED', ?) ON CONFLICT (repository_id, delivery) DO NOTHING",
            repository,
            delivery,
            Records.write(Kept.class, kept),
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
              "UPDATE comment SET state = 'DONE', answer = ?, owed = ? WHERE repository_id = ? AND"
                  + " delivery = ?",
              answer,
              comment.said().pullRequest() == NO_THREAD ? 0 : 1,
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
      case CommentCommand.Again(var run) -> again(session, comment, run, now);
      case CommentCommand.Approve approve -> approve(session, comment, approve, now);
    };
  }

  private String again(Session session, Waiting asked, String id, Instant now) throws SQLException {
    Contributor by = asked.said().by();
    if (!(rights.linked(by) instanceof Lookup.Known<String>(var user))) {
      return "no Holdfast user is linked to the account " + by.id();
    }
    Optional<Repository> repository = repositories.byId(asked.repository());
    Optional<Run> run = runs.maybe(session, id);
    if (repository.isEmpty()
        || run.filter(found -> found.repository().equals(asked.repository())).isEmpty()) {
      return "there is no such run in this repository";
    }
    boolean may =
        rights.of(user, repository.get()) instanceof Lookup.Known<Right>(var right)
            && right.atLeast(Right.DEVELOP);
    String answer = may ? "it is run again" : "this user may not start runs here";
    if (may) {
      try {
        holds.rerun(session, id, false, now);
      } catch (Conflict e) {
        may = false;
        answer = String.valueOf(e.getMessage());
      }
    }
    audit.record(
        session,
        new Audit.Entry(
            user,
            "run.rerun",
            id,
            Optional.of(by.forge()),
            may ? Audit.Outcome.DONE : Audit.Outcome.REFUSED,
            List.of(answer)));
    return answer;
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
      if (hold.byItself()) {
        // Who has looked at a change has not thereby let a deployment happen.
        said.append("The job ")
            .append(hold.job().map(Name::value).orElse(""))
            .append(" waits for an approval of its own: holdfast hold approve ")
            .append(hold.id())
            .append(". ");
        continue;
      }
      try {
        Approving.Approved approved =
            approving.approve(
                session, hold.id(), new Decider(user, Decider.Channel.COMMENT, from), now);
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
