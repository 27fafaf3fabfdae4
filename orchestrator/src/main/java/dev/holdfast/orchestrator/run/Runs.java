package dev.holdfast.orchestrator.run;

import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.JobState;
import dev.holdfast.model.run.RunProgress;
import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The one owner of what runs and jobs turn into. The rules are {@code model.run}'s; here they meet
 * the database. Everything with a {@link Session} is part of a write. Thread-safe.
 */
public final class Runs {
  /** Stands as the workflow of a run whose definitions could not be read; no workflow's name. */
  public static final String UNREADABLE = ".holdfast";

  /** How long an agent has for stopping a job, before it is over without the agent. */
  public static final Duration CANCEL_PATIENCE = Duration.ofSeconds(60);

  /** As the time from which a job can be given to an agent. */
  private static final long NEVER = Long.MAX_VALUE;

  /** How long a step waits for people: it keeps a sandbox and a place of its agent. */
  public static final Duration LONGEST_WAIT = Duration.ofHours(24);

  private final Database database;
  private final Plans plans;
  private final RunListener listener;

  public Runs(Database database, Plans plans, RunListener listener) {
    this.database = database;
    this.plans = plans;
    this.listener = listener;
  }

  /** Makes a run and its jobs, and queues those that need no other. Answers its id. */
  public String create(Session session, NewRun made, Instant now) throws SQLException {
    plans.put(session, made.plan());
    if (made.sources().isPresent()) {
      plans.put(session, made.sources().get());
    }
    String run =
        insert(session, made, made.decided().held() ? RunState.HELD : RunState.QUEUED, null, now);
    var states = new LinkedHashMap<String, JobState>();
    made.jobs()
        .forEach(job ->
            states.put(
                job.key(),
                made.decided().holds(job.job().name()) ? JobState.HELD : JobState.WAITING));
    made.jobs()
        .forEach(job -> {
          if (made.decided().refusal(job.job().name()).isPresent()) {
            states.put(job.key(), JobState.FAILED);
          }
        });
    states.putAll(RunProgress.advance(made.jobs(), states));
    Tier floor = floor(session, made.repository());
    int position = 0;
    for (PlannedJob job : made.jobs()) {
      JobState state = states.getOrDefault(job.key(), JobState.WAITING);
      Tier lowest = floor.or(made.decided().floor(job.job().name()));
      String labels =
          Demand.of(job.job(), lowest == Tier.NONE ? Optional.empty() : Optional.of(lowest)).text();
      session.update(
          "INSERT INTO job (id, run_id, position, job_key, labels, state, tries, fence, ready_at,"
              + " queued_at, finished_at, timeout, reason) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?,"
              + " ?, ?)",
          database.ids().next("job"),
          run,
          position++,
          job.key(),
          labels,
          state,
          state == JobState.QUEUED ? now : null,
          state.over() ? now : null,
          longest(job.job()).toMillis(),
          made.decided().refusal(job.job().name()));
      if (state == JobState.QUEUED) {
        session.afterCommit(() -> listener.jobReady(labels));
      }
    }
    if (states.containsValue(JobState.FAILED)) {
      // What was refused may have been all that it had.
      settle(session, run, now);
    }
    return run;
  }

  /** After this, an agent that does not end a job is not waited for: steps may wait for people. */
  private static Duration longest(Job job) {
    long waits = job.steps().stream().filter(step -> step.approval().isPresent()).count();
    return job.timeout()
        .orElse(Job.DEFAULT_TIMEOUT)
        .duration()
        .plus(LONGEST_WAIT.multipliedBy(waits));
  }

  /** Makes a run that is over: what should say what to run could not be read. */
  public String createFailed(Session session, NewRun made, String reason, Instant now)
      throws SQLException {
    return insert(session, made, RunState.FAILED, reason, now);
  }

  private String insert(
      Session session,
      NewRun made,
      RunState state,
      @org.jspecify.annotations.Nullable String reason,
      Instant now)
      throws SQLException {
    long number =
        session
            .first(
                "UPDATE repository SET next_number = next_number + 1 WHERE id = ? RETURNING"
                    + " next_number - 1 AS number",
                row -> row.number("number"),
                made.repository())
            .orElseThrow(() -> new UnknownId("there is no repository " + made.repository()));
    session.update(
        "INSERT INTO run (id, repository_id, event_id, number, workflow, state, reason, ref,"
            + " commit_id, event, plan, sources, cancel, reruns, created_at, finished_at, trust,"
            + " base_id, why, person, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?,"
            + " ?, ?, (SELECT body -> 'contributor' ->> 'name' FROM event WHERE id = ?),"
            // A repository that is at no forge has nobody to be told.
            + " (SELECT CASE WHEN api IS NULL THEN NULL ELSE '' END FROM repository WHERE id = ?))",
        made.id(),
        made.repository(),
        made.eventId(),
        number,
        made.workflow(),
        state,
        reason,
        made.ref(),
        made.commit(),
        made.event(),
        made.jobs().isEmpty() ? null : made.plan().digest(),
        made.sources().map(Plans.Document::digest),
        now,
        state.over() ? now : null,
        made.decided().trust().map(Trust::name),
        made.decided().base(),
        made.decided().why().isEmpty() ? null : Why.text(made.decided().why()),
        made.eventId(),
        made.repository());
    session.afterCommit(() -> listener.runChanged(made.id()));
    return made.id();
  }

  /** Moves on whatever a change of {@code run}'s jobs made possible, and the run itself. */
  void settle(Session session, String run, Instant now) throws SQLException {
    Run before = find(session, run);
    List<JobRow> jobs = jobs(session, run);
    Map<String, JobState> states = states(jobs);
    List<PlannedJob> plan = plan(session, before);
    Map<String, JobState> changes = RunProgress.advance(plan, states);
    for (JobRow job : jobs) {
      JobState next = changes.get(job.key());
      if (next != null) {
        states.put(job.key(), next);
        move(session, job, next, now);
      }
    }
    RunState after = RunProgress.of(states.values());
    if (after != before.state()) {
      session.update(
          "UPDATE run SET state = ?, started_at = coalesce(started_at, ?), finished_at = ? WHERE"
              + " id = ?",
          after,
          after == RunState.QUEUED ? null : now,
          after.over() ? now : null,
          run);
    }
    session.afterCommit(() -> listener.runChanged(run));
  }

  private void move(Session session, JobRow job, JobState next, Instant now) throws SQLException {
    switch (next) {
      case QUEUED -> queue(session, job, job.tries(), Duration.ZERO, null, now);
      case SKIPPED, CANCELLED -> over(session, job.id(), next, null, now);
      case HELD, WAITING, RUNNING, SUCCEEDED, FAILED ->
          throw new IllegalStateException("progress alone makes no job " + next);
    }
  }

  /**
   * Lets what is held go on.
   *
   * @param jobs those that nothing keeps any more
   */
  public void release(Session session, String run, Set<Name> jobs, Instant now)
      throws SQLException {
    for (Name job : jobs) {
      for (JobRow held : held(session, run, Optional.of(job))) {
        session.update("UPDATE job SET state = 'WAITING', reason = NULL WHERE id = ?", held.id());
      }
    }
    settle(session, run, now);
  }

  /**
   * Ends what is held without having run.
   *
   * @param job the one that is not to run; empty for all of the run
   */
  public void drop(Session session, String run, Optional<Name> job, String reason, Instant now)
      throws SQLException {
    for (JobRow held : held(session, run, job)) {
      over(session, held.id(), JobState.CANCELLED, reason, now);
    }
    if (job.isEmpty()) {
      session.update("UPDATE run SET reason = ? WHERE id = ? AND reason IS NULL", reason, run);
    }
    settle(session, run, now);
  }

  /** Holds a queued job again: what let it go does not hold any more. */
  public void hold(Session session, JobRow job, String reason, Instant now) throws SQLException {
    session.update(
        "UPDATE job SET state = 'HELD', reason = ? WHERE id = ? AND state = 'QUEUED'",
        reason,
        job.id());
    settle(session, job.run(), now);
  }

  /** Ends a queued job that may not start. */
  public void refuse(Session session, JobRow job, String reason, Instant now) throws SQLException {
    over(session, job.id(), JobState.FAILED, reason, now);
    settle(session, job.run(), now);
  }

  /**
   * Has a queued job wait, without a place among those that agents are given.
   *
   * @param until when it is queued again at the latest; empty if {@link #wake} has to be called
   */
  public void delay(Session session, JobRow job, Optional<Instant> until, String reason)
      throws SQLException {
    session.update(
        "UPDATE job SET ready_at = ?, reason = ? WHERE id = ? AND state = 'QUEUED'",
        until.map(Instant::toEpochMilli).orElse(NEVER),
        reason,
        job.id());
  }

  /** Queues a job again that was delayed without an end. */
  public void wake(Session session, JobRow job) throws SQLException {
    int woken =
        session.update(
            "UPDATE job SET ready_at = 0 WHERE id = ? AND state = 'QUEUED' AND ready_at = ?",
            job.id(),
            NEVER);
    if (woken > 0) {
      session.afterCommit(() -> listener.jobReady(job.labels()));
    }
  }

  /** It waits for nothing any more: what was said of that is not to be read beside its end. */
  public void begins(Session session, JobRow job) throws SQLException {
    session.update("UPDATE job SET reason = NULL WHERE id = ?", job.id());
  }

  /** Cancels one job; the others of its run go on, but for those that need it. */
  public void cancel(Session session, JobRow job, String reason, Instant now) throws SQLException {
    switch (job.state()) {
      case HELD, WAITING, QUEUED -> {
        over(session, job.id(), JobState.CANCELLED, reason, now);
        settle(session, job.run(), now);
      }
      case RUNNING ->
          session.update(
              "UPDATE attempt SET cancel_by = ? WHERE job_id = ? AND fence = ? AND cancel_by IS"
                  + " NULL",
              now.plus(CANCEL_PATIENCE),
              job.id(),
              job.fence());
      case SUCCEEDED, FAILED, CANCELLED, SKIPPED -> {}
    }
  }

  /** The job with this id. */
  public JobRow job(Session session, String id) throws SQLException {
    return session
        .first("SELECT * FROM job WHERE id = ?", JobRow::of, id)
        .orElseThrow(() -> new UnknownId("there is no job " + id));
  }

  private List<JobRow> held(Session session, String run, Optional<Name> job) throws SQLException {
    return jobs(session, run).stream()
        .filter(row -> row.state() == JobState.HELD)
        .filter(row -> job.isEmpty() || row.name().equals(job.get()))
        .toList();
  }

  void queue(
      Session session,
      JobRow job,
      int tries,
      Duration delay,
      @org.jspecify.annotations.Nullable String reason,
      Instant now)
      throws SQLException {
    session.update(
        "UPDATE job SET state = 'QUEUED', tries = ?, reason = ?, ready_at = ?, queued_at = ?,"
            + " finished_at = NULL WHERE id = ?",
        tries,
        reason,
        delay.isZero() ? 0L : now.plus(delay).toEpochMilli(),
        now,
        job.id());
    if (delay.isZero()) {
      session.afterCommit(() -> listener.jobReady(job.labels()));
    }
  }

  void over(
      Session session,
      String job,
      JobState state,
      @org.jspecify.annotations.Nullable String reason,
      Instant now)
      throws SQLException {
    session.update(
        "UPDATE job SET state = ?, reason = ?, finished_at = ? WHERE id = ?",
        state,
        reason,
        now,
        job);
    if (state == JobState.FAILED) {
      // So that its forge hears of the job now, and not only when the whole run is over.
      session.update(
          "UPDATE run SET told = '' WHERE id = (SELECT run_id FROM job WHERE id = ?) AND told = ?",
          job,
          RunState.RUNNING);
    }
  }

  /**
   * Cancels a run: what no agent has is over at once, what agents have is theirs to stop within
   * {@link #CANCEL_PATIENCE}.
   *
   * @throws Conflict if it is over
   */
  public void cancel(Session session, String id, Instant now) throws SQLException {
    Run run = find(session, id);
    if (run.state().over()) {
      throw new Conflict("the run " + id + " is over: it " + word(run.state()));
    }
    session.update("UPDATE run SET cancel = 1 WHERE id = ?", id);
    for (JobRow job : jobs(session, id)) {
      switch (job.state()) {
        case HELD, WAITING, QUEUED -> over(session, job.id(), JobState.CANCELLED, null, now);
        case RUNNING ->
            session.update(
                "UPDATE attempt SET cancel_by = ? WHERE job_id = ? AND fence = ? AND cancel_by IS"
                    + " NULL",
                now.plus(CANCEL_PATIENCE),
                job.id(),
                job.fence());
        case SUCCEEDED, FAILED, CANCELLED, SKIPPED -> {}
      }
    }
    settle(session, id, now);
  }

  /**
   * Starts a run over, in the same run: all its jobs, or those that did not succeed and whatever
   * needs them.
   *
   * @param asked jobs that wait for people before they start
   * @return the names of those of them that start over, and wait
   * @throws Conflict if it is not over, or there is nothing to start over
   */
  public Set<Name> rerun(
      Session session, String id, boolean failedOnly, Set<Name> asked, Instant now)
      throws SQLException {
    Run run = find(session, id);
    if (!run.state().over()) {
      throw new Conflict("the run " + id + " is not over; cancel it first, or wait for its end");
    }
    if (run.plan().isEmpty()) {
      throw new Conflict(
          "the run "
              + id
              + " has no jobs, since its definitions could not be read; push a commit"
              + " that mends them");
    }
    List<JobRow> jobs = jobs(session, id);
    var again = new HashSet<String>();
    for (JobRow job : jobs) {
      if (!failedOnly || job.state() == JobState.FAILED || job.state() == JobState.CANCELLED) {
        again.add(job.key());
      }
    }
    if (again.isEmpty()) {
      throw new Conflict("no job of the run " + id + " failed or was cancelled; re-run all of it");
    }
    List<PlannedJob> plan = plan(session, run);
    boolean grew = true;
    while (grew) {
      grew = false;
      for (PlannedJob job : plan) {
        grew |= job.needs().stream().anyMatch(again::contains) && again.add(job.key());
      }
    }
    var waiting = new LinkedHashSet<Name>();
    for (JobRow job : jobs) {
      if (again.contains(job.key())) {
        boolean waits = asked.contains(job.name());
        session.update(
            "UPDATE job SET state = ?, tries = 0, reason = NULL, queued_at = NULL,"
                + " started_at = NULL, finished_at = NULL WHERE id = ?",
            waits ? JobState.HELD : JobState.WAITING,
            job.id());
        if (waits) {
          waiting.add(job.name());
        }
      }
    }
    session.update(
        "UPDATE run SET state = 'QUEUED', cancel = 0, reruns = reruns + 1, finished_at = NULL"
            + " WHERE id = ?",
        id);
    settle(session, id, now);
    return waiting;
  }

  /**
   * The run with this id.
   *
   * @throws UnknownId if there is none
   */
  public Run find(Session session, String id) throws SQLException {
    return maybe(session, id).orElseThrow(() -> new UnknownId("there is no run " + id));
  }

  /** The run with this id, if there is one. */
  public Optional<Run> maybe(Session session, String id) throws SQLException {
    return session.first("SELECT * FROM run WHERE id = ?", Run::of, id);
  }

  /** The jobs of a run, in the order of its plan. */
  public List<JobRow> jobs(Session session, String run) throws SQLException {
    return session.list("SELECT * FROM job WHERE run_id = ? ORDER BY position", JobRow::of, run);
  }

  /** What a run's jobs are made of. */
  public List<PlannedJob> plan(Session session, Run run) throws SQLException {
    return run.plan().isEmpty() ? List.of() : plans.plan(session, run.plan().get());
  }

  /** What a run would do, as hashes. */
  public Definition definition(Session session, Run run) throws SQLException {
    return run.plan().isEmpty()
        ? new Definition(List.of(), Optional.empty())
        : plans.definition(session, run.plan().get(), run.sources());
  }

  public Plans plans() {
    return plans;
  }

  RunListener listener() {
    return listener;
  }

  /** The weakest wall that any job of a repository may have, whatever was decided about it. */
  public static Tier floor(Session session, String repository) throws SQLException {
    return session
        .first(
            "SELECT floor FROM repository WHERE id = ?", row -> row.maybeText("floor"), repository)
        .flatMap(floor -> floor)
        .map(Tier::valueOf)
        .orElse(Tier.NONE);
  }

  private static Map<String, JobState> states(List<JobRow> jobs) {
    var states = new LinkedHashMap<String, JobState>();
    jobs.forEach(job -> states.put(job.key(), job.state()));
    return states;
  }

  private static String word(RunState state) {
    return switch (state) {
      case HELD -> "is held";
      case QUEUED -> "is queued";
      case RUNNING -> "is running";
      case SUCCEEDED -> "succeeded";
      case FAILED -> "failed";
      case CANCELLED -> "was cancelled";
    };
  }
}
