package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.UnknownId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The one owner of what holds turn into. Everything with a {@link Session} is part of a write; the
 * run that a hold keeps from starting changes in the same one. Thread-safe.
 */
public final class Holds {
  /** Who did what nobody asked for. */
  public static final String HOLDFAST = "holdfast";

  /** Waits for a job that no longer does: it was skipped or cancelled. */
  private static final String WITHOUT_JOB =
      "SELECT * FROM hold WHERE state = 'HELD' AND job_name IS NOT NULL AND NOT EXISTS (SELECT 1"
          + " FROM job WHERE job.run_id = hold.run_id AND (job.state = 'HELD' OR (hold.step IS NOT"
          + " NULL AND job.state IN ('WAITING', 'QUEUED', 'RUNNING'))) AND (job.job_key ="
          + " hold.job_name OR substr(job.job_key, 1, length(hold.job_name) + 1) = hold.job_name ||"
          + " '['))";

  private final Database database;
  private final Runs runs;
  private final Audit audit;
  private final Clearances clearances;

  public Holds(Database database, Runs runs, Audit audit, Clearances clearances) {
    this.clearances = clearances;
    this.database = database;
    this.runs = runs;
    this.audit = audit;
  }

  /**
   * What a hold is over.
   *
   * @param event its id in the inbox
   * @param policy that it was decided under; empty if that could not be read
   */
  public record Over(
      String repository,
      String event,
      Optional<Long> pullRequest,
      CommitId head,
      CommitId base,
      Digest definition,
      Optional<Digest> policy) {}

  /**
   * Makes a run, or one job of it, wait. The run was made with these jobs held.
   *
   * @param job empty for all of it
   */
  public void place(
      Session session, String run, Optional<Name> job, Decision.Hold held, Over over, Instant now)
      throws SQLException {
    place(
        session,
        run,
        Hold.Place.of(job),
        0,
        new Hold.Asked(held.reasons(), held.release()),
        held.released().floor(),
        held.released().limits(),
        over,
        now,
        held.expires());
  }

  /** Makes one step of a job wait that has begun; nothing else of the run changes. */
  void placeStep(
      Session session,
      Run run,
      Hold.Place at,
      Hold.Asked asked,
      Over over,
      Instant now,
      Instant expires)
      throws SQLException {
    place(session, run.id(), at, run.reruns(), asked, Tier.NONE, Limits.NONE, over, now, expires);
  }

  void place(
      Session session,
      String run,
      Hold.Place at,
      long round,
      Hold.Asked asked,
      Tier floor,
      Limits limits,
      Over over,
      Instant now,
      Instant expires)
      throws SQLException {
    String id = database.ids().next("hold");
    session.update(
        "INSERT INTO hold (id, repository_id, event_id, run_id, job_name, step, round,"
            + " state, asked, floor, limits, pull_request, head_id, base_id, definition, policy,"
            + " created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'HELD', ?, ?, ?, ?, ?, ?, ?,"
            + " ?, ?, ?)",
        id,
        over.repository(),
        over.event(),
        run,
        at.job().map(Name::value),
        at.step(),
        round,
        Records.write(Hold.Asked.class, asked),
        floor,
        Records.write(Limits.class, limits),
        over.pullRequest(),
        over.head().value(),
        over.base().value(),
        over.definition().value(),
        over.policy().map(Digest::value),
        now,
        expires);
    if (at.job().isEmpty()) {
      session.update("UPDATE job SET hold_id = ? WHERE run_id = ?", id, run);
    } else if (at.step().isEmpty()) {
      Name job = at.job().get();
      // A matrix makes several jobs of one; their keys go on with a bracket.
      session.update(
          "UPDATE job SET hold_id = ? WHERE run_id = ? AND (job_key = ? OR substr(job_key, 1, ?) ="
              + " ?)",
          id,
          run,
          job.value(),
          job.value().length() + 1,
          job.value() + "[");
    }
    record(
        session,
        HOLDFAST,
        "hold.place",
        id,
        Optional.empty(),
        asked.reasons().stream().map(reason -> reason.text()).toList());
  }

  /**
   * Starts a run over, as {@link Runs#rerun} does. Jobs that waited for people wait anew: who let
   * something happen once did not let it happen twice.
   *
   * @throws Conflict if it cannot be started over
   */
  public void rerun(Session session, String run, boolean failedOnly, Instant now)
      throws SQLException {
    var asked = new LinkedHashMap<Name, Hold>();
    for (Hold hold : whole(session, run)) {
      if (hold.job().isPresent()) {
        asked.put(hold.job().get(), hold);
      } else if (hold.state() != Hold.State.RELEASED) {
        throw new Conflict(
            "the run "
                + run
                + " was held and nobody released it; holdfast hold again decides anew");
      }
    }
    for (Name job : runs.rerun(session, run, failedOnly, asked.keySet(), now)) {
      anew(session, java.util.Objects.requireNonNull(asked.get(job)), now);
    }
    clearances.renew(session, run, kept(session, run), now);
  }

  /** The same once more, under the policy of now. */
  private void anew(Session session, Hold old, Instant now) throws SQLException {
    if (!(old.asked().release() instanceof Release.Approval(int count, boolean own))) {
      throw new Conflict("no approval releases the job; holdfast hold again " + old.id());
    }
    Policy policy = PolicyStore.inForce(session, old.repository());
    place(
        session,
        old.run(),
        new Hold.Place(old.job(), old.step()),
        old.round(),
        new Hold.Asked(
            old.asked().reasons(),
            new Release.Approval(
                Math.max(count, policy.approval().count()), own && policy.approval().own())),
        old.floor(),
        old.limits(),
        new Over(
            old.repository(),
            old.event(),
            old.pullRequest(),
            old.head(),
            old.base(),
            old.definition(),
            Optional.of(PolicyText.digest(policy))),
        now,
        old.step().isPresent() ? stepUntil(policy, now) : now.plus(policy.holdFor()));
  }

  /** When a step that waits from {@code now} on is over: it keeps a sandbox. */
  static Instant stepUntil(Policy policy, Instant now) {
    Duration longest = Runs.LONGEST_WAIT;
    return now.plus(policy.holdFor().compareTo(longest) < 0 ? policy.holdFor() : longest);
  }

  /**
   * A policy changed: a step goes on waiting, under the one of now. Where that cannot be read,
   * nobody can release it until it can.
   */
  void stepUnderNewPolicy(Session session, Hold step, String by, Instant now) throws SQLException {
    if (PolicyStore.effective(session, step.repository()).known().isPresent()) {
      mark(session, step, Hold.State.WITHDRAWN, by, "the policy changed", now);
      anew(session, step, now);
    }
  }

  /**
   * Where a pull request is known to have been after {@code at}; empty if nothing later was held. A
   * webhook that is late must not overtake what came after it.
   */
  public static Optional<CommitId> since(
      Session session, String repository, long pullRequest, Instant at) throws SQLException {
    List<Hold> ofRequest =
        session.list(
            "SELECT * FROM hold WHERE repository_id = ? AND pull_request = ? ORDER BY created_at"
                + " DESC, id DESC",
            Hold::of,
            repository,
            pullRequest);
    for (Hold hold : ofRequest) {
      if (event(session, hold.event()).at().isAfter(at)) {
        return Optional.of(hold.head());
      }
    }
    return Optional.empty();
  }

  /**
   * A pull request is at other commits now, or closed: what waits of it for others is over, and so
   * is what was released and has not begun.
   */
  public void moved(Session session, String repository, Happening.PullRequest request, Instant now)
      throws SQLException {
    boolean closed = request.action() == dev.holdfast.model.definition.PullRequestAction.CLOSED;
    List<Hold> ofRequest =
        session.list(
            "SELECT * FROM hold WHERE repository_id = ? AND pull_request = ? AND state IN ('HELD',"
                + " 'RELEASED')",
            Hold::of,
            repository,
            request.number());
    for (Hold hold : ofRequest) {
      boolean same =
          hold.head().equals(request.commit())
              && request.baseCommit().filter(hold.base()::equals).isPresent();
      if (same && !closed) {
        continue;
      }
      String why =
          closed
              ? "the pull request was closed"
              : "the pull request is now at "
                  + request.commit().abbreviated()
                  + request.baseCommit().map(base -> " on " + base.abbreviated()).orElse("");
      if (hold.state() == Hold.State.HELD) {
        end(session, hold, Hold.State.WITHDRAWN, HOLDFAST, Optional.empty(), why, now);
      } else if (hold.step().isEmpty()
          && runs.find(session, hold.run()).state() == RunState.QUEUED) {
        runs.cancel(session, hold.run(), now);
        record(session, HOLDFAST, "run.cancel", hold.run(), Optional.empty(), List.of(why));
      }
    }
  }

  /** A run was cancelled: nothing of it waits any more. */
  public void cancelled(Session session, String run, String by, Instant now) throws SQLException {
    for (Hold hold : of(session, run)) {
      if (hold.state() == Hold.State.HELD) {
        end(
            session,
            hold,
            Hold.State.WITHDRAWN,
            by,
            Optional.empty(),
            "the run was cancelled",
            now);
      }
    }
  }

  /** Ends what nobody released in time. To be called every second or so. */
  public void sweep(Instant now) {
    boolean due =
        database.read(s ->
            s.first("SELECT 1 FROM hold WHERE state = 'HELD' AND expires_at <= ?", row -> 1, now)
                .isPresent());
    if (due) {
      database.write(session -> {
        List<Hold> late =
            session.list(
                "SELECT * FROM hold WHERE state = 'HELD' AND expires_at <= ?", Hold::of, now);
        for (Hold hold : late) {
          end(
              session,
              hold,
              Hold.State.EXPIRED,
              HOLDFAST,
              Optional.empty(),
              "nobody released it until " + hold.expires(),
              now);
        }
        return late.size();
      });
    }
    if (!database.read(session -> session.list(WITHOUT_JOB, Hold::of)).isEmpty()) {
      database.write(session -> {
        List<Hold> idle = session.list(WITHOUT_JOB, Hold::of);
        for (Hold hold : idle) {
          end(
              session,
              hold,
              Hold.State.WITHDRAWN,
              HOLDFAST,
              Optional.empty(),
              hold.step().isPresent()
                  ? "the job is over"
                  : "the job does not run, because of how those ended that it needs",
              now);
        }
        return idle.size();
      });
    }
  }

  /** Ends a hold because somebody said no. */
  void reject(Session session, Hold hold, Decider by, String reason, Instant now)
      throws SQLException {
    end(
        session,
        hold,
        Hold.State.REJECTED,
        by.user(),
        by.from(),
        reason,
        List.of(reason, by.channel().words()),
        now);
  }

  /** Ends a hold without letting anything run. */
  void end(
      Session session,
      Hold hold,
      Hold.State state,
      String by,
      Optional<String> from,
      String why,
      Instant now)
      throws SQLException {
    end(session, hold, state, by, from, why, List.of(why), now);
  }

  private void end(
      Session session,
      Hold hold,
      Hold.State state,
      String by,
      Optional<String> from,
      String why,
      List<String> reasons,
      Instant now)
      throws SQLException {
    mark(session, hold, state, by, why, now);
    if (hold.step().isEmpty()) {
      // The agent of a step asks, and ends it.
      runs.drop(session, hold.run(), hold.job(), why, now);
    }
    record(
        session,
        by,
        "hold." + state.name().toLowerCase(java.util.Locale.ROOT),
        hold.id(),
        from,
        reasons);
  }

  /**
   * Lets what waits go on, and settles a push once nothing of it waits any more.
   *
   * @param approvers whose consents did it
   */
  void release(
      Session session,
      Hold hold,
      String by,
      Set<String> approvers,
      Optional<String> from,
      Instant now)
      throws SQLException {
    String why = "approved by " + String.join(", ", new TreeSet<>(approvers));
    mark(session, hold, Hold.State.RELEASED, by, why, now);
    Set<Name> free = hold.step().isPresent() ? Set.of() : free(session, hold);
    if (hold.step().isPresent()) {
      clearances.keepStep(session, hold, approvers, now);
    }
    if (!free.isEmpty()) {
      // What goes on once these are over may have been cleared long ago.
      clearances.renew(session, hold.run(), kept(session, hold.run()), now);
      clear(session, hold, free, approvers, now);
      runs.release(session, hold.run(), free, now);
    }
    record(session, by, "hold.release", hold.id(), from, List.of(why));
    Event event = event(session, hold.event());
    boolean all =
        hold.job().isEmpty()
            && session
                .first(
                    "SELECT 1 FROM hold WHERE event_id = ? AND job_name IS NULL AND state <>"
                        + " 'RELEASED'",
                    row -> 1,
                    hold.event())
                .isEmpty();
    if (all && event.happening() instanceof Happening.Push push) {
      Run run = runs.find(session, hold.run());
      Settled.settle(
          session,
          hold.repository(),
          push.ref(),
          push.commit(),
          hold.event(),
          run.trust().orElse(Trust.UNKNOWN),
          now);
    }
  }

  /** The jobs that a hold was the last to keep. */
  private Set<Name> free(Session session, Hold released) throws SQLException {
    List<Name> kept =
        released.job().isPresent()
            ? List.of(released.job().get())
            : runs.plan(session, runs.find(session, released.run())).stream()
                .map(job -> job.job().name())
                .toList();
    var free = new LinkedHashSet<Name>();
    for (Name job : kept) {
      if (over(session, released.run(), job).stream()
          .allMatch(hold -> hold.state() == Hold.State.RELEASED)) {
        free.add(job);
      }
    }
    return free;
  }

  /** The jobs of a run that something keeps. */
  private static Set<Name> kept(Session session, String run) throws SQLException {
    Map<Optional<Name>, Hold> newest = newest(session, run);
    var kept = new LinkedHashSet<Name>();
    newest.forEach((job, hold) -> {
      if (job.isPresent() && hold.state() != Hold.State.RELEASED) {
        kept.add(job.get());
      }
    });
    return kept;
  }

  private static Map<Optional<Name>, Hold> newest(Session session, String run) throws SQLException {
    var newest = new LinkedHashMap<Optional<Name>, Hold>();
    whole(session, run).forEach(hold -> newest.put(hold.job(), hold));
    return newest;
  }

  /** The holds of all of a run and of whole jobs. */
  private static List<Hold> whole(Session session, String run) throws SQLException {
    return of(session, run).stream().filter(hold -> hold.step().isEmpty()).toList();
  }

  /** All that keeps or kept a job: the run's hold and its own, of each the newest. */
  static List<Hold> over(Session session, String run, Name job) throws SQLException {
    return newest(session, run).values().stream()
        .filter(hold -> hold.job().isEmpty() || hold.job().get().equals(job))
        .toList();
  }

  private void clear(Session session, Hold hold, Set<Name> jobs, Set<String> approvers, Instant now)
      throws SQLException {
    var by = new TreeSet<>(approvers);
    Tier floor = Runs.floor(session, hold.repository());
    Limits limits = Limits.NONE;
    var environments = new LinkedHashSet<EnvironmentName>();
    for (Name job : jobs) {
      for (Hold other : over(session, hold.run(), job)) {
        floor = floor.or(other.floor());
        limits = limits.and(other.limits());
        Approving.given(session, other).forEach(given -> by.add(given.approval().approver()));
        // Who released the run has granted its jobs no environment; who released the job has.
        environments.addAll(Entering.asked(session, runs, other));
      }
    }
    Run run = runs.find(session, hold.run());
    Event told = Runs.event(session, run);
    clearances.keep(
        session,
        hold.run(),
        clearances.sign(
            new Clearance(
                hold.repository(),
                hold.run(),
                Clearance.hash(told),
                new Name(run.workflow()),
                hold.head(),
                hold.definition(),
                List.copyOf(jobs),
                floor,
                limits,
                run.trust().orElse(Trust.UNKNOWN),
                List.copyOf(by),
                now,
                Clearance.until(now),
                List.copyOf(environments))));
  }

  private static void mark(
      Session session, Hold hold, Hold.State state, String by, String why, Instant now)
      throws SQLException {
    session.update(
        "UPDATE hold SET state = ?, ended_at = ?, ended_by = ?, why = ? WHERE id = ?",
        state,
        now,
        by,
        why,
        hold.id());
  }

  void record(
      Session session,
      String by,
      String action,
      String subject,
      Optional<String> from,
      List<String> reasons)
      throws SQLException {
    audit.record(session, new Audit.Entry(by, action, subject, from, Audit.Outcome.DONE, reasons));
  }

  /** The event that was kept under this id. */
  public static Event event(Session session, String id) throws SQLException {
    return session
        .first(
            "SELECT body FROM event WHERE id = ?",
            row -> Records.read(Event.class, row.text("body")),
            id)
        .orElseThrow(() -> new UnknownId("there is no event " + id));
  }

  /** Whom the event of a hold is attributed to. */
  public static Optional<Contributor> contributor(Session session, Hold hold) throws SQLException {
    return event(session, hold.event()).contributor();
  }

  /**
   * The hold with this id.
   *
   * @throws UnknownId if there is none
   */
  public static Hold find(Session session, String id) throws SQLException {
    return session
        .first("SELECT * FROM hold WHERE id = ?", Hold::of, id)
        .orElseThrow(() -> new UnknownId("there is no hold " + id));
  }

  /** The holds of a run, oldest first. */
  public static List<Hold> of(Session session, String run) throws SQLException {
    return session.list("SELECT * FROM hold WHERE run_id = ? ORDER BY id", Hold::of, run);
  }

  /** The oldest of those that wait. */
  public static List<Hold> open(Session session, Optional<String> repository, int most)
      throws SQLException {
    return repository.isPresent()
        ? session.list(
            "SELECT * FROM hold WHERE state = 'HELD' AND repository_id = ? ORDER BY id LIMIT ?",
            Hold::of,
            repository.get(),
            most)
        : session.list(
            "SELECT * FROM hold WHERE state = 'HELD' ORDER BY id LIMIT ?", Hold::of, most);
  }

  /** Those that wait for a pull request, oldest first. */
  static List<Hold> open(Session session, String repository, long pullRequest) throws SQLException {
    return session.list(
        "SELECT * FROM hold WHERE state = 'HELD' AND repository_id = ? AND pull_request = ? ORDER"
            + " BY id",
        Hold::of,
        repository,
        pullRequest);
  }
}
