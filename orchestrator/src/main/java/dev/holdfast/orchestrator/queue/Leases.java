package dev.holdfast.orchestrator.queue;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.AttemptState;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Demand;
import dev.holdfast.orchestrator.run.JobRow;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Who gets which job, and for how long. A lease that its agent has not yet shown to know of is
 * offered to it again, as the same attempt with the same fence; one that it knew and no longer
 * holds is lost at once; one that is not renewed is lost when it expires. Thread-safe.
 */
public final class Leases implements AutoCloseable {
  /**
   * The longest between two heartbeats: their answers carry cancellations, for which somebody
   * waits.
   */
  private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(3);

  /** The longest that a call may wait. */
  public static final Duration LONGEST_POLL = Duration.ofSeconds(60);

  private static final String HELD =
      "SELECT * FROM attempt WHERE agent_id = ? AND state IN ('LEASED', 'RUNNING')";

  // Walks the sets of labels that queued jobs ask for along their index; no scan of the queue.
  private static final String LABEL_SETS =
      """
      WITH RECURSIVE sets (labels) AS (
        SELECT min(labels) FROM job WHERE state = 'QUEUED'
        UNION ALL
        SELECT (SELECT min(job.labels) FROM job
                WHERE job.state = 'QUEUED' AND job.labels > sets.labels)
        FROM sets WHERE sets.labels IS NOT NULL)
      SELECT labels FROM sets WHERE labels IS NOT NULL
      """;

  private static final String LATE =
      "SELECT attempt.* FROM attempt JOIN job ON job.id = attempt.job_id WHERE attempt.state IN"
          + " ('LEASED', 'RUNNING') AND (lease_until < ? OR cancel_by < ? OR leased_at +"
          + " job.timeout < ?)";

  /** Beyond a job's time limit, for checkout, image and the end of the sandbox. */
  private static final Duration OVERTIME = Duration.ofMinutes(45);

  private static final String OLDEST =
      "SELECT * FROM job WHERE state = 'QUEUED' AND labels = ? AND ready_at <= ? ORDER BY id"
          + " LIMIT ?";

  private final Database database;
  private final Attempts attempts;
  private final LeaseText text;
  private final InstantSource clock;
  private final Gate gate;
  private final Duration lease;
  private final Polls polls = new Polls();

  /** Looks at each job once more in the transaction that gives it to an agent. */
  @FunctionalInterface
  public interface Gate {
    /** Whether it may start now; if not, it is queued no more when this returns. */
    boolean mayStart(Session session, JobRow job, Instant now) throws SQLException;
  }

  /**
   * @param lease how long one lasts without a word from its agent
   */
  public Leases(
      Database database,
      Attempts attempts,
      LeaseText text,
      InstantSource clock,
      Gate gate,
      Duration lease) {
    this.gate = gate;
    this.lease = lease;
    this.database = database;
    this.attempts = attempts;
    this.text = text;
    this.clock = clock;
  }

  /** How long a lease lasts without a word from its agent. */
  public Duration lease() {
    return lease;
  }

  /** How often an agent is to say that it lives: two may be late or lost. */
  public Duration heartbeat() {
    Duration third = lease.dividedBy(3);
    return third.compareTo(LONGEST_HEARTBEAT) < 0 ? third : LONGEST_HEARTBEAT;
  }

  private record Taken(List<String> attempts, boolean full) {}

  /** Answers with leases as soon as there are any, or empty when patience is over. */
  public List<AgentApi.Lease> lease(Agent agent, AgentApi.LeaseRequest request)
      throws InterruptedException {
    if (request.most() < 1) {
      throw new IllegalArgumentException("most: is " + request.most() + "; expected 1 or more");
    }
    Duration patience =
        request.patience().compareTo(LONGEST_POLL) < 0 ? request.patience() : LONGEST_POLL;
    long end = System.nanoTime() + patience.toNanos();
    try (Polls.Poll poll = polls.open(agent)) {
      while (poll.look()) {
        Taken taken = database.write(s -> take(s, poll, agent, request));
        if (!taken.attempts().isEmpty()) {
          return database.read(s -> text.leases(s, taken.attempts()));
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          break;
        }
        poll.await(Duration.ofNanos(left), taken.full());
      }
      return List.of();
    }
  }

  private Taken take(Session session, Polls.Poll poll, Agent agent, AgentApi.LeaseRequest request)
      throws SQLException {
    if (!poll.current()) {
      return new Taken(List.of(), true);
    }
    Instant now = clock.instant();
    var given = new ArrayList<String>();
    int held = 0;
    var known = new HashSet<>(request.held());
    for (Attempt attempt : session.list(HELD, Attempt::of, agent.id())) {
      if (known.contains(new AgentApi.Held(attempt.id(), attempt.fence()))) {
        held++;
        renew(session, attempt, now);
      } else if (attempt.heard()) {
        attempts.lose(
            session, attempt, "the agent " + agent.name() + " no longer knows of it", now);
      } else if (attempt.cancelBy().isPresent()) {
        attempts.abandon(session, attempt, now);
      } else {
        given.add(attempt.id());
        session.update(
            "UPDATE attempt SET lease_until = ? WHERE id = ?", now.plus(lease), attempt.id());
      }
    }
    int free = Math.min(request.most(), agent.capacity() - held) - given.size();
    if (free > 0) {
      boolean refused;
      do {
        refused = false;
        for (JobRow job : oldest(session, agent, free, now)) {
          if (gate.mayStart(session, job, now)) {
            given.add(attempts.lease(session, job, agent.id(), now, now.plus(lease)));
            free--;
          } else {
            // It is queued no more, and others may stand behind it.
            refused = true;
          }
        }
      } while (refused && free > 0);
    }
    return new Taken(given, free <= 0);
  }

  private static List<JobRow> oldest(Session session, Agent agent, int most, Instant now)
      throws SQLException {
    var found = new ArrayList<JobRow>();
    for (String labels : session.list(LABEL_SETS, row -> row.text("labels"))) {
      Demand wanted = Demand.read(labels);
      if (wanted.isMetBy(agent)) {
        found.addAll(session.list(OLDEST, JobRow::of, labels, now, most));
      }
    }
    found.sort(Comparator.comparing(JobRow::id));
    return found.subList(0, Math.min(most, found.size()));
  }

  private void renew(Session session, Attempt attempt, Instant now) throws SQLException {
    session.update(
        "UPDATE attempt SET heard = 1, lease_until = ? WHERE id = ?",
        now.plus(lease),
        attempt.id());
  }

  /** Takes numbered events of one attempt, see {@link Attempts#take}. */
  public AgentApi.EventsTaken events(Agent agent, AgentApi.Events events) {
    if (events.first() < 0) {
      throw new IllegalArgumentException("first: is " + events.first() + "; expected 0 or more");
    }
    return database.write(s -> {
      Instant now = clock.instant();
      return attempts.take(s, agent.id(), events, now, now.plus(lease));
    });
  }

  /** Renews leases, and says which attempts to stop. */
  public AgentApi.HeartbeatTaken heartbeat(Agent agent, AgentApi.Heartbeat heartbeat) {
    return database.write(s -> {
      Instant now = clock.instant();
      Map<AgentApi.Held, Attempt> ours = new HashMap<>();
      for (Attempt attempt : s.list(HELD, Attempt::of, agent.id())) {
        ours.put(new AgentApi.Held(attempt.id(), attempt.fence()), attempt);
      }
      var cancel = new ArrayList<String>();
      var lost = new ArrayList<String>();
      for (AgentApi.Held held : heartbeat.held()) {
        Attempt attempt = ours.get(held);
        if (attempt == null) {
          lost.add(held.attempt());
        } else {
          renew(s, attempt, now);
          if (attempt.cancelBy().isPresent()) {
            cancel.add(held.attempt());
          }
        }
      }
      return new AgentApi.HeartbeatTaken(cancel, lost);
    });
  }

  /**
   * Checks that {@code agent} may write to the attempt's log now.
   *
   * @throws dev.holdfast.orchestrator.run.UnknownId if there is no such attempt
   * @throws dev.holdfast.orchestrator.run.Conflict if it is over, or somebody else's
   */
  public void mayAppend(Agent agent, String attempt, long fence) {
    Attempt found = database.read(s -> attempts.find(s, attempt));
    if (!found.agent().equals(agent.id()) || found.fence() != fence || found.state().over()) {
      throw new dev.holdfast.orchestrator.run.Conflict(
          "the attempt "
              + Quote.of(attempt)
              + (found.state().over()
                  ? " is over (" + found.state() + ")"
                  : " has another agent or fence")
              + "; stop it and say no more");
    }
  }

  /** To be called every second or so: ends what has expired, and wakes polls for what is due. */
  public void sweep() {
    Instant now = clock.instant();
    boolean due =
        database.read(s -> s.first(LATE, row -> 1, now, now, now.minus(OVERTIME)).isPresent());
    if (due) {
      database.write(s -> expire(s, now));
    }
    database
        .read(s ->
            s.list(
                "SELECT labels FROM job WHERE state = 'QUEUED' AND ready_at > 0 AND ready_at"
                    + " <= ?",
                row -> row.text("labels"),
                now))
        .forEach(polls::ready);
  }

  private Integer expire(Session session, Instant now) throws SQLException {
    List<Attempt> late = session.list(LATE, Attempt::of, now, now, now.minus(OVERTIME));
    for (Attempt attempt : late) {
      if (attempt.cancelBy().isPresent()) {
        attempts.abandon(session, attempt, now);
      } else if (attempt.state() == AttemptState.LEASED && !attempt.heard()) {
        attempts.lose(session, attempt, "its agent never answered the lease", now);
      } else if (!attempt.leaseUntil().isBefore(now)) {
        attempts.lose(
            session, attempt, "its agent did not end it within the job's time limit", now);
      } else {
        attempts.lose(
            session,
            attempt,
            "its agent was not heard of for " + lease.toSeconds() + " seconds",
            now);
      }
    }
    return late.size();
  }

  /**
   * Gives every lease its full time again: while the orchestrator was away, nobody could renew one.
   */
  public void resume() {
    database.write(s ->
        s.update(
            "UPDATE attempt SET lease_until = ? WHERE state IN ('LEASED', 'RUNNING')",
            clock.instant().plus(lease)));
  }

  /** A job with these labels can be leased; must not wait. */
  public void ready(String labels) {
    polls.ready(labels);
  }

  /** How many agents wait for work now. */
  public int waitingAgents() {
    return polls.size();
  }

  /** Answers all who wait. */
  @Override
  public void close() {
    polls.close();
  }
}
