package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Approval;
import dev.holdfast.model.approval.Approvals;
import dev.holdfast.model.approval.Subject;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.Panel;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.Rights;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Runs;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
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
  private final Environments environments;

  public Approving(
      Database database,
      Holds holds,
      Runs runs,
      Rights rights,
      Repositories repositories,
      Audit audit,
      Clearances clearances,
      Environments environments) {
    this.database = database;
    this.holds = holds;
    this.runs = runs;
    this.rights = rights;
    this.repositories = repositories;
    this.audit = audit;
    this.clearances = clearances;
    this.environments = environments;
  }

  /**
   * What an approval came to.
   *
   * @param missing what is still needed, in one line each; empty if it goes on
   */
  public record Approved(Hold hold, List<String> missing) {}

  /** As {@link #approve(Session, String, Decider, Instant)}, if it still is what was seen. */
  public Approved approve(Session session, String id, Seen seen, Decider by, Instant now)
      throws SQLException {
    same(Holds.find(session, id), seen);
    return approve(session, id, by, now);
  }

  /**
   * Counts somebody's consent, and lets go what that releases.
   *
   * @throws NotAllowed if they may not
   * @throws Conflict if nothing waits there any more, or not for what would run now
   */
  public Approved approve(Session session, String id, Decider by, Instant now) throws SQLException {
    String user = by.user();
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
    Set<EnvironmentName> granted = Set.copyOf(grants(session, hold));
    var approval = new Approval(subject, granted, user, now, now.plus(policy.holdFor()));
    approval
        .refusal(wanted(hold, policy), granted, now)
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
    holds.record(session, user, "hold.approve", hold.id(), by.from(), approved(hold, approval, by));
    return switch (verdict(session, hold, now)) {
      case Approvals.Verdict.Released(var approvers) -> {
        holds.release(session, hold, user, approvers, by.from(), now);
        yield new Approved(Holds.find(session, id), List.of());
      }
      case Approvals.Verdict.Waiting(var reasons) -> new Approved(hold, reasons);
    };
  }

  private static void same(Hold hold, Seen seen) {
    seen.differenceTo(hold)
        .ifPresent(difference -> {
          throw new Conflict("nothing was decided: " + difference + "; look again");
        });
  }

  private static List<String> approved(Hold hold, Approval approval, Decider by) {
    var lines = new ArrayList<String>();
    lines.add("commit " + hold.head() + " with the definitions of " + hold.base());
    approval.environments().forEach(name -> lines.add("grants the environment " + name));
    lines.add(by.channel().words());
    return lines;
  }

  /** What releasing it grants: the environments that a job asks for, and for a run none. */
  public List<EnvironmentName> grants(Session session, Hold hold) throws SQLException {
    return Entering.asked(session, runs, hold);
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
  public Hold reject(Session session, String id, String reason, Decider by, Instant now)
      throws SQLException {
    Hold hold = waiting(session, id, now);
    if (!may(hold).known().orElse(Set.of()).contains(by.user())) {
      throw new NotAllowed(noRight(hold, by.user()));
    }
    holds.reject(session, hold, by, reason, now);
    return Holds.find(session, id);
  }

  /** As {@link #reject(Session, String, String, Decider, Instant)}, if it is what was seen. */
  public Hold reject(Session session, String id, Seen seen, String reason, Decider by, Instant now)
      throws SQLException {
    same(Holds.find(session, id), seen);
    return reject(session, id, reason, by, now);
  }

  /** Why {@code user}'s approval would not count now; empty if it would. */
  public Optional<String> refusal(Session session, Hold hold, String user) throws SQLException {
    return refused(session, hold, user);
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
    List<String> missing = stillMissing(session, hold, now);
    if (!missing.isEmpty()) {
      String why = "not as it was approved any more: " + String.join("; ", missing);
      runs.hold(session, job, why, now);
    }
    return missing.isEmpty();
  }

  /** The same of a step that asks whether it may start. */
  boolean stillReleased(Session session, Hold hold, Instant now) throws SQLException {
    return stillMissing(session, hold, now).isEmpty();
  }

  /** What is missing of what was released; if anything is, it is held again. */
  private List<String> stillMissing(Session session, Hold hold, Instant now) throws SQLException {
    List<String> missing =
        hold.state() == Hold.State.RELEASED
            ? missing(session, hold, now)
            : List.of("nobody released it");
    if (missing.isEmpty()) {
      return missing;
    }
    session.update("UPDATE hold SET state = 'HELD' WHERE id = ? AND state = 'RELEASED'", hold.id());
    audit.record(
        session,
        new Audit.Entry(
            Holds.HOLDFAST,
            "hold.again",
            hold.id(),
            Optional.empty(),
            Audit.Outcome.REFUSED,
            missing));
    return missing;
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
    Lookup<Set<String>> hands = hands(session, hold);
    Approvals.Verdict verdict =
        Approvals.of(
            hold.asked().release(),
            // What somebody wrote into the database is nobody's consent.
            given(session, hold).stream().filter(clearances::good).map(Given::approval).toList(),
            wanted(hold, policy),
            Set.copyOf(grants(session, hold)),
            may(hold),
            hands,
            now);
    return verdict instanceof Approvals.Verdict.Released(var by)
        ? byPanels(session, hold, by, hands)
        : verdict;
  }

  /** Whether those who released it are whom its environments ask for, by their rules of now. */
  private Approvals.Verdict byPanels(
      Session session, Hold hold, Set<String> by, Lookup<Set<String>> hands) throws SQLException {
    var missing = new ArrayList<String>();
    for (EnvironmentName name : grants(session, hold)) {
      switch (environments.resolve(session, hold.repository(), name)) {
        case Lookup.Known<List<Environment>>(var all) -> {
          for (Panel panel : panels(name, all)) {
            if (!panel.asked().own() && hands.known().isEmpty()) {
              missing.add("whose change it is cannot be told");
            }
            panel.missing(by, hands.known().orElse(Set.of())).ifPresent(missing::add);
          }
        }
        case Lookup.Absent<List<Environment>>() ->
            missing.add("there is no environment " + name + " any more");
        case Lookup.Failed<List<Environment>>(var why) ->
            missing.add("the environment " + name + " cannot be read: " + why);
      }
    }
    return missing.isEmpty()
        ? new Approvals.Verdict.Released(by)
        : new Approvals.Verdict.Waiting(missing);
  }

  private List<Panel> panels(EnvironmentName name, List<Environment> all) {
    var panels = new ArrayList<Panel>();
    for (Environment environment : all) {
      environment
          .rules()
          .approval()
          .ifPresent(asked ->
              panels.add(
                  new Panel(
                      name,
                      asked,
                      asked.anybody()
                          ? Optional.empty()
                          : Optional.of(rights.people(asked.users(), asked.teams())))));
    }
    return panels;
  }

  /** Why none of a job's environments waits for this user; empty if one does, or it has none. */
  private Optional<String> stranger(Session session, Hold hold, String user) throws SQLException {
    var panels = new ArrayList<Panel>();
    for (EnvironmentName name : grants(session, hold)) {
      panels.addAll(
          panels(
              name,
              environments.resolve(session, hold.repository(), name).known().orElse(List.of())));
    }
    return panels.isEmpty() || panels.stream().anyMatch(panel -> panel.counts(user))
        ? Optional.empty()
        : Optional.of(
            "the environment "
                + panels.getFirst().name()
                + " is for others to grant: holdfast environment show "
                + panels.getFirst().name()
                + " says for whom");
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
    return stranger(session, hold, user);
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
    var people = new ArrayList<Lookup<Contributor>>();
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
