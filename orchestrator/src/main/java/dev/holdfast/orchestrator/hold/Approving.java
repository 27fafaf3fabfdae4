package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Approval;
import dev.holdfast.model.approval.Approvals;
import dev.holdfast.model.approval.Subject;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.Rights;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Runs;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who releases what waits. What was approved is compared with what would start, and who approved
 * with who may, both when somebody approves and again when a job starts. Thread-safe.
 */
public final class Approving {
  private final Database database;
  private final Holds holds;
  private final Runs runs;
  private final Rights rights;
  private final Repositories repositories;
  private final Audit audit;
  private final Clearances clearances;

  public Approving(
      Database database,
      Holds holds,
      Runs runs,
      Rights rights,
      Repositories repositories,
      Audit audit,
      Clearances clearances) {
    this.database = database;
    this.holds = holds;
    this.runs = runs;
    this.rights = rights;
    this.repositories = repositories;
    this.audit = audit;
    this.clearances = clearances;
  }

  /**
   * What an approval came to.
   *
   * @param missing what is still needed, in one line each; empty if it goes on
   */
  public record Approved(Hold hold, List<String> missing) {}

  /**
   * Counts {@code user}'s consent, and lets go what that releases.
   *
   * @param from the address that it was asked from
   * @throws NotAllowed if they may not
   * @throws Conflict if nothing waits there any more, or not for what would run now
   */
  public Approved approve(
      Session session, String id, String user, Optional<String> from, Instant now)
      throws SQLException {
    Hold hold = waiting(session, id, now);
    Policy policy = PolicyStore.inForce(session, hold.repository());
    refused(session, hold, user)
        .ifPresent(why -> {
          throw new NotAllowed(why);
        });
    Subject subject =
        hold.subject()
            .orElseThrow(() ->
                new Conflict("the policy could not be read when it was decided; " + again(hold)));
    var approval = new Approval(subject, Set.of(), user, now, now.plus(policy.holdFor()));
    approval
        .refusal(wanted(hold, policy), Set.of(), now)
        .ifPresent(why -> {
          throw new Conflict(why + "; " + again(hold));
        });
    session.update(
        "INSERT INTO approval (id, hold_id, approver, body, signature, given_at) VALUES (?, ?, ?, ?,"
            + " ?, ?) ON CONFLICT (hold_id, approver) DO UPDATE SET body = excluded.body, signature"
            + " = excluded.signature, given_at = excluded.given_at",
        database.ids().next("appr"),
        hold.id(),
        user,
        Given.text(approval),
        clearances.sign(approval),
        now);
    holds.record(
        session,
        user,
        "hold.approve",
        hold.id(),
        from,
        List.of("commit " + hold.head() + " with the definitions of " + hold.base()));
    return switch (verdict(session, hold, now)) {
      case Approvals.Verdict.Released(var by) -> {
        holds.release(session, hold, user, by, from, now);
        yield new Approved(Holds.find(session, id), List.of());
      }
      case Approvals.Verdict.Waiting(var reasons) -> new Approved(hold, reasons);
    };
  }

  /** Puts on record that {@code user} tried to approve and may not. */
  void refused(Session session, Hold hold, String user, Optional<String> from, String why)
      throws SQLException {
    audit.record(
        session,
        new Audit.Entry(
            user, "hold.approve", hold.id(), from, Audit.Outcome.REFUSED, List.of(why)));
  }

  /**
   * Ends it without anything having run.
   *
   * @throws NotAllowed if {@code user} may not release it either
   * @throws Conflict if nothing waits there any more
   */
  public Hold reject(
      Session session, String id, String user, String reason, Optional<String> from, Instant now)
      throws SQLException {
    Hold hold = waiting(session, id, now);
    if (!may(hold).known().orElse(Set.of()).contains(user)) {
      throw new NotAllowed(noRight(hold, user));
    }
    holds.end(session, hold, Hold.State.REJECTED, user, from, reason, now);
    return Holds.find(session, id);
  }

  /** What is still needed, as {@link Approved#missing} has it. */
  public List<String> missing(Session session, Hold hold, Instant now) throws SQLException {
    return switch (verdict(session, hold, now)) {
      case Approvals.Verdict.Released(var by) -> List.of();
      case Approvals.Verdict.Waiting(var reasons) -> reasons;
    };
  }

  /**
   * Whether a job may start: if it waited, whether what was approved still is what starts, under
   * the policy of now, by people who may now. If not, it is held again.
   */
  public boolean mayStart(Session session, JobRow job, Instant now) throws SQLException {
    if (job.hold().isEmpty()) {
      return true;
    }
    for (Hold hold : Holds.over(session, job.run(), job.name())) {
      if (!stillReleased(session, hold, job, now)) {
        return false;
      }
    }
    return true;
  }

  private boolean stillReleased(Session session, Hold hold, JobRow job, Instant now)
      throws SQLException {
    List<String> missing =
        hold.state() == Hold.State.RELEASED
            ? missing(session, hold, now)
            : List.of("nobody released it");
    if (missing.isEmpty()) {
      return true;
    }
    String why = "not as it was approved any more: " + String.join("; ", missing);
    session.update("UPDATE hold SET state = 'HELD' WHERE id = ? AND state = 'RELEASED'", hold.id());
    runs.hold(session, job, why, now);
    audit.record(
        session,
        new Audit.Entry(
            Holds.HOLDFAST,
            "hold.again",
            hold.id(),
            Optional.empty(),
            Audit.Outcome.REFUSED,
            missing));
    return false;
  }

  /** What was given for a hold, oldest first. */
  public static List<Given> given(Session session, Hold hold) throws SQLException {
    return session.list(
        "SELECT * FROM approval WHERE hold_id = ? ORDER BY id",
        row -> new Given(Given.read(row.text("body")), row.text("signature")),
        hold.id());
  }

  private Hold waiting(Session session, String id, Instant now) throws SQLException {
    Hold hold = Holds.find(session, id);
    if (hold.state() != Hold.State.HELD) {
      throw new Conflict(
          "the hold "
              + id
              + " is over: it was "
              + hold.state().name().toLowerCase(java.util.Locale.ROOT)
              + hold.why().map(why -> ", " + why).orElse(""));
    }
    if (!now.isBefore(hold.expires())) {
      throw new Conflict("the hold " + id + " expired " + hold.expires() + "; " + again(hold));
    }
    if (hold.asked().release() instanceof Release.Mend(var mend)) {
      throw new Conflict("no approval releases it: " + mend);
    }
    return hold;
  }

  private static String again(Hold hold) {
    return "have it decided anew with holdfast hold again " + hold.id();
  }

  /** What would start now. */
  private static Subject wanted(Hold hold, Policy policy) {
    return new Subject(
        hold.repository(),
        hold.pullRequest(),
        hold.head(),
        hold.base(),
        hold.definition(),
        PolicyText.digest(policy));
  }

  private Approvals.Verdict verdict(Session session, Hold hold, Instant now) throws SQLException {
    if (!(PolicyStore.effective(session, hold.repository())
        instanceof Lookup.Known<Policy>(var policy))) {
      return new Approvals.Verdict.Waiting(List.of("the policy cannot be read"));
    }
    return Approvals.of(
        hold.asked().release(),
        given(session, hold).stream().filter(clearances::good).map(Given::approval).toList(),
        wanted(hold, policy),
        Set.of(),
        may(hold),
        hands(session, hold),
        now);
  }

  /** Why {@code user}'s approval would not count; empty if it would. */
  private Optional<String> refused(Session session, Hold hold, String user) throws SQLException {
    if (!(may(hold) instanceof Lookup.Known<Set<String>>(var entitled))) {
      return Optional.of("who has the right to approve cannot be told now; try again");
    }
    if (!entitled.contains(user)) {
      return Optional.of(noRight(hold, user));
    }
    if (hold.asked().release() instanceof Release.Approval(int count, boolean own) && !own) {
      if (!(hands(session, hold) instanceof Lookup.Known<Set<String>>(var theirs))) {
        return Optional.of("whose change it is cannot be told now; try again");
      }
      if (theirs.contains(user)) {
        return Optional.of("one's own change is for somebody else to approve; policy says so");
      }
    }
    return Optional.empty();
  }

  private static String noRight(Hold hold, String user) {
    return user
        + " has no right to approve in "
        + hold.repository()
        + "; an owner gives it with holdfast user grant";
  }

  private Lookup<Set<String>> may(Hold hold) {
    return repositories
        .byId(hold.repository())
        .<Lookup<Set<String>>>map(rights::approvers)
        .orElseGet(() -> new Lookup.Failed<>("the repository is gone"));
  }

  /** The users who had a hand in it, as they are linked now. */
  private Lookup<Set<String>> hands(Session session, Hold hold) throws SQLException {
    Optional<String> text =
        session
            .first(
                "SELECT hands FROM event WHERE id = ?", row -> row.maybeText("hands"), hold.event())
            .flatMap(hands -> hands);
    var users = new TreeSet<String>();
    var people = new java.util.ArrayList<Lookup<Contributor>>();
    text.ifPresent(kept -> people.addAll(Hands.read(kept)));
    Holds.event(session, hold.event())
        .contributor()
        .ifPresent(who -> people.add(new Lookup.Known<>(who)));
    for (Lookup<Contributor> person : people) {
      switch (person) {
        case Lookup.Known<Contributor>(var who) -> {
          if (who.forge().equals(Holds.HOLDFAST)) {
            users.add(who.id());
          } else {
            switch (rights.linked(who)) {
              case Lookup.Known<String>(var user) -> users.add(user);
              case Lookup.Absent<String>() -> {}
              case Lookup.Failed<String>(var why) -> {
                return new Lookup.Failed<>(why);
              }
            }
          }
        }
        // Whom the forge does not name has no account that could be linked.
        case Lookup.Absent<Contributor>() -> {}
        case Lookup.Failed<Contributor>(var why) -> {
          return new Lookup.Failed<>(why);
        }
      }
    }
    return new Lookup.Known<>(users);
  }
}
