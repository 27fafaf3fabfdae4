package dev.holdfast.orchestrator.run;

import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.JobState;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.Retry;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of what attempts turn into, and of what that means for their jobs. Everything with
 * a {@link Session} is part of a write. Thread-safe.
 */
public final class Attempts {
  // A host that broke a job may break the next one as fast: a pause lets another take it.
  private static final Duration BROKEN_PAUSE = Duration.ofSeconds(2);
  private static final int MOST_OUTPUTS = 100;
  private static final int MOST_SUMMARIES = 20;
  private static final int LONGEST_REASON = 2000;

  private final Database database;
  private final Runs runs;
  private final Handover secrets;

  public Attempts(Database database, Runs runs, Handover secrets) {
    this.secrets = secrets;
    this.database = database;
    this.runs = runs;
  }

  /** Gives a queued job to an agent. Answers the attempt's id. */
  public String lease(Session session, JobRow job, String agent, Instant now, Instant until)
      throws SQLException {
    String id = database.ids().next("att");
    long fence = job.fence() + 1;
    session.update(
        "UPDATE job SET state = 'RUNNING', fence = ?, tries = tries + 1, started_at ="
            + " coalesce(started_at, ?) WHERE id = ?",
        fence,
        now,
        job.id());
    session.update(
        "INSERT INTO attempt (id, job_id, run_id, agent_id, fence, state, heard, next_event,"
            + " lease_until, leased_at) VALUES (?, ?, ?, ?, ?, 'LEASED', 0, 0, ?, ?)",
        id,
        job.id(),
        job.run(),
        agent,
        fence,
        until,
        now);
    // Most leases are of a run that runs already; then there is nothing else to move.
    session.update(
        "UPDATE run SET state = 'RUNNING', started_at = coalesce(started_at, ?) WHERE id = ?"
            + " AND state = 'QUEUED'",
        now,
        job.run());
    job.queued()
        .ifPresent(queued ->
            session.afterCommit(() -> runs.listener().leased(Duration.between(queued, now))));
    session.afterCommit(() -> runs.listener().runChanged(job.run()));
    return id;
  }

  /**
   * Takes a batch of events; those it already has are passed over.
   *
   * @throws UnknownId if there is no such attempt
   * @throws Conflict if the attempt is not this agent's any more, or has another fence
   */
  public AgentApi.EventsTaken take(
      Session session, String agent, AgentApi.Events batch, Instant now, Instant leaseUntil)
      throws SQLException {
    Attempt attempt = find(session, batch.attempt());
    if (!attempt.agent().equals(agent) || attempt.fence() != batch.fence()) {
      throw new Conflict(
          "the attempt " + attempt.id() + " has another agent or fence; stop it and say no more");
    }
    long end = batch.first() + batch.events().size();
    if (attempt.state().over()) {
      if (end <= attempt.nextEvent() && attempt.state() != AttemptState.LOST) {
        return new AgentApi.EventsTaken(attempt.nextEvent(), false);
      }
      throw new Conflict(
          "the attempt "
              + attempt.id()
              + " is over ("
              + attempt.state()
              + "); stop it and say no"
              + " more");
    }
    if (batch.first() > attempt.nextEvent()) {
      return new AgentApi.EventsTaken(attempt.nextEvent(), attempt.cancelBy().isPresent());
    }
    PlannedJob planned = null;
    for (long number = attempt.nextEvent(); number < end; number++) {
      AgentApi.AttemptEvent event = batch.events().get((int) (number - batch.first()));
      switch (event) {
        case AgentApi.AttemptEvent.Started(var at, var image, var services) -> {
          session.update(
              "UPDATE attempt SET state = 'RUNNING', started_at = ?, image = ? WHERE id = ?",
              at,
              image,
              attempt.id());
          ServiceImages.keep(session, attempt.id(), services);
        }
        case AgentApi.AttemptEvent.StepStarted(var at, var step, var offset) -> {
          planned = planned == null ? planned(session, attempt) : planned;
          check(planned, step);
          session.update(
              "INSERT INTO step (attempt_id, position, state, log_offset, started_at) VALUES (?,"
                  + " ?, 'RUNNING', ?, ?) ON CONFLICT (attempt_id, position) DO NOTHING",
              attempt.id(),
              step,
              offset,
              at);
        }
        case AgentApi.AttemptEvent.SecretsHanded(var at, var step, var names) -> {
          planned = planned == null ? planned(session, attempt) : planned;
          check(planned, step);
          secrets.handed().keep(session, attempt.id(), step, names, at);
        }
        case AgentApi.AttemptEvent.SecretUsed used -> {
          planned = planned == null ? planned(session, attempt) : planned;
          check(planned, used.step());
          secrets.used().keep(session, attempt.id(), used);
        }
        case AgentApi.AttemptEvent.StepFinished(var at, var step, var result) -> {
          planned = planned == null ? planned(session, attempt) : planned;
          check(planned, step);
          stepOver(session, attempt, step, result, at);
        }
        case AgentApi.AttemptEvent.Output(var at, var name, var value) ->
            session.update(
                "INSERT INTO output (attempt_id, name, value) SELECT ?, ?, ? WHERE (SELECT"
                    + " count(*) FROM output WHERE attempt_id = ?) < ? ON CONFLICT (attempt_id,"
                    + " name) DO UPDATE SET value = excluded.value",
                attempt.id(),
                name.value(),
                value,
                attempt.id(),
                MOST_OUTPUTS);
        case AgentApi.AttemptEvent.Summary(var at, var markdown) ->
            session.update(
                "INSERT INTO summary (attempt_id, position, markdown) SELECT ?, ?, ? WHERE (SELECT"
                    + " count(*) FROM summary WHERE attempt_id = ?) < ?",
                attempt.id(),
                number,
                markdown,
                attempt.id(),
                MOST_SUMMARIES);
        case AgentApi.AttemptEvent.Contacted(var at, var contacts) ->
            Contacts.keep(session, attempt.id(), contacts);
        case AgentApi.AttemptEvent.Finished(var at, var outcome, var logLength) -> {
          if (number != end - 1) {
            throw new IllegalArgumentException(
                "events[" + (number - batch.first()) + "]: finished is not the last event");
          }
          session.update(
              "UPDATE attempt SET next_event = ?, heard = 1, log_length = ? WHERE id = ?",
              end,
              logLength,
              attempt.id());
          end(session, attempt, state(outcome), outcome, now);
          return new AgentApi.EventsTaken(end, false);
        }
      }
    }
    if (end > attempt.nextEvent()) {
      session.afterCommit(() -> runs.listener().runChanged(attempt.run()));
    }
    session.update(
        "UPDATE attempt SET next_event = ?, heard = 1, lease_until = ? WHERE id = ?",
        Math.max(end, attempt.nextEvent()),
        leaseUntil,
        attempt.id());
    return new AgentApi.EventsTaken(
        Math.max(end, attempt.nextEvent()), attempt.cancelBy().isPresent());
  }

  /** Ends an attempt whose agent was not heard of, or no longer knows of it. */
  public void lose(Session session, Attempt attempt, String reason, Instant now)
      throws SQLException {
    end(session, attempt, AttemptState.LOST, new Outcome.Broken(reason), now);
  }

  /** Ends an attempt that was to be cancelled, without its agent. */
  public void abandon(Session session, Attempt attempt, Instant now) throws SQLException {
    end(session, attempt, AttemptState.CANCELLED, new Outcome.Cancelled(), now);
  }

  private void end(
      Session session, Attempt attempt, AttemptState state, Outcome outcome, Instant now)
      throws SQLException {
    String reason = reason(outcome);
    session.update(
        "UPDATE attempt SET state = ?, reason = ?, finished_at = ? WHERE id = ?",
        state,
        reason,
        now,
        attempt.id());
    session.update(
        "UPDATE step SET state = 'CANCELLED', finished_at = ? WHERE attempt_id = ? AND state ="
            + " 'RUNNING'",
        now,
        attempt.id());
    JobRow job =
        session
            .first("SELECT * FROM job WHERE id = ?", JobRow::of, attempt.job())
            .orElseThrow(() -> new UnknownId("there is no job " + attempt.job()));
    if (job.fence() == attempt.fence() && job.state() == JobState.RUNNING) {
      JobState next = Retry.after(outcome, job.tries(), attempt.cancelBy().isPresent());
      if (next == JobState.QUEUED) {
        Duration pause =
            state == AttemptState.LOST ? Duration.ZERO : BROKEN_PAUSE.multipliedBy(job.tries());
        runs.queue(session, job, job.tries(), pause, reason, now);
      } else {
        runs.over(session, job.id(), next, reason, now);
      }
      runs.settle(session, job.run(), now);
    }
    session.afterCommit(() -> runs.listener().attemptOver(attempt.id()));
  }

  private static void stepOver(
      Session session, Attempt attempt, int step, StepResult result, Instant at)
      throws SQLException {
    String state =
        switch (result) {
          case StepResult.Succeeded() -> "SUCCEEDED";
          case StepResult.Failed failed -> "FAILED";
          case StepResult.Skipped() -> "SKIPPED";
          case StepResult.TimedOut() -> "TIMED_OUT";
          case StepResult.Cancelled() -> "CANCELLED";
        };
    Optional<Long> exitCode =
        switch (result) {
          case StepResult.Failed failed -> Optional.of((long) failed.exitCode());
          case StepResult.Succeeded() -> Optional.of(0L);
          case StepResult.Skipped(), StepResult.TimedOut(), StepResult.Cancelled() ->
              Optional.empty();
        };
    String reason = result instanceof StepResult.Failed failed ? shorten(failed.reason()) : null;
    session.update(
        "INSERT INTO step (attempt_id, position, state, reason, exit_code, finished_at) VALUES (?,"
            + " ?, ?, ?, ?, ?) ON CONFLICT (attempt_id, position) DO UPDATE SET state ="
            + " excluded.state, reason = excluded.reason, exit_code = excluded.exit_code,"
            + " finished_at = excluded.finished_at",
        attempt.id(),
        step,
        state,
        reason,
        exitCode,
        at);
  }

  /**
   * The attempt with this id.
   *
   * @throws UnknownId if there is none
   */
  public Attempt find(Session session, String id) throws SQLException {
    return session
        .first("SELECT * FROM attempt WHERE id = ?", Attempt::of, id)
        .orElseThrow(() -> new UnknownId("there is no attempt " + id));
  }

  /** What the attempt's job is made of. */
  public PlannedJob planned(Session session, Attempt attempt) throws SQLException {
    int position =
        session
            .first(
                "SELECT position FROM job WHERE id = ?",
                row -> (int) row.number("position"),
                attempt.job())
            .orElseThrow(() -> new UnknownId("there is no job " + attempt.job()));
    return runs.plan(session, runs.find(session, attempt.run())).get(position);
  }

  private static void check(PlannedJob planned, int step) {
    int steps = planned.job().steps().size();
    if (step < 0 || step >= steps) {
      throw new IllegalArgumentException(
          "the job " + planned.key() + " has no step " + step + "; it has " + steps);
    }
  }

  private static AttemptState state(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded() -> AttemptState.SUCCEEDED;
      case Outcome.Failed failed -> AttemptState.FAILED;
      case Outcome.TimedOut timedOut -> AttemptState.FAILED;
      case Outcome.Refused refused -> AttemptState.FAILED;
      case Outcome.Cancelled() -> AttemptState.CANCELLED;
      case Outcome.Broken broken -> AttemptState.BROKEN;
    };
  }

  private static @Nullable String reason(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded() -> null;
      case Outcome.Cancelled() -> null;
      case Outcome.Failed(var reason, var exitCode) -> shorten(reason);
      case Outcome.TimedOut(var reason) -> shorten(reason);
      case Outcome.Refused(var reason) -> shorten(reason);
      case Outcome.Broken(var reason) -> shorten(reason);
    };
  }

  private static String shorten(String text) {
    return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
  }
}
