package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Steps that their workflow has wait for people. Such a hold is placed when the first job of its
 * name comes to the step; those that a matrix makes of one share it, and a run that starts over has
 * its own. Thread-safe.
 */
public final class StepHolds {
  private final Database database;
  private final Holds holds;
  private final Runs runs;
  private final Attempts attempts;
  private final Approving approving;

  public StepHolds(
      Database database, Holds holds, Runs runs, Attempts attempts, Approving approving) {
    this.database = database;
    this.holds = holds;
    this.runs = runs;
    this.attempts = attempts;
    this.approving = approving;
  }

  /**
   * What becomes of a step that an attempt came to.
   *
   * @throws Conflict if the step waits for nobody, or the attempt is not {@code agent}'s any more
   */
  public AgentApi.StepAnswer ask(String agent, AgentApi.StepAsk asked, Instant now) {
    // Most answers are that it waits, as it did a second ago: no write for those.
    boolean waits =
        database.read(session -> {
          Attempt attempt = attempt(session, agent, asked);
          Name job = attempts.planned(session, attempt).job().name();
          // Its agent is told to stop, so that it ends as cancelled.
          return attempt.cancelBy().isPresent()
              || newest(session, runs.find(session, attempt.run()), job, asked.step())
                  .filter(hold -> hold.state() == Hold.State.HELD)
                  .isPresent();
        });
    return waits
        ? new AgentApi.StepAnswer.Waits()
        : database.write(session -> ask(session, agent, asked, now));
  }

  private Attempt attempt(Session session, String agent, AgentApi.StepAsk asked)
      throws SQLException {
    Attempt attempt = attempts.find(session, asked.attempt());
    if (!attempt.agent().equals(agent)
        || attempt.fence() != asked.fence()
        || attempt.state().over()) {
      throw new Conflict(
          "the attempt " + Quote.of(asked.attempt()) + " is over, or has another agent or fence");
    }
    return attempt;
  }

  private AgentApi.StepAnswer ask(
      Session session, String agent, AgentApi.StepAsk asked, Instant now) throws SQLException {
    Attempt attempt = attempt(session, agent, asked);
    if (attempt.cancelBy().isPresent()) {
      return new AgentApi.StepAnswer.Waits();
    }
    PlannedJob job = attempts.planned(session, attempt);
    List<Step> steps = job.job().steps();
    Optional<JobApproval> approval =
        asked.step() < steps.size() ? steps.get(asked.step()).approval() : Optional.empty();
    if (approval.isEmpty()) {
      throw new Conflict(
          "the step " + (asked.step() + 1) + " of job " + job.key() + " waits for nobody");
    }
    Run run = runs.find(session, attempt.run());
    Name name = job.job().name();
    Optional<Hold> found = newest(session, run, name, asked.step());
    if (found.isEmpty()) {
      return placed(session, run, name, asked.step(), steps, approval.get(), now);
    }
    Hold hold = found.get();
    return switch (hold.state()) {
      case HELD -> new AgentApi.StepAnswer.Waits();
      case RELEASED ->
          approving.stillReleased(session, hold, now)
              ? Clearances.ofStep(session, hold.id())
                  .<AgentApi.StepAnswer>map(AgentApi.StepAnswer.MayStart::new)
                  .orElseThrow(() -> new Conflict("nobody signed the release of " + hold.id()))
              : new AgentApi.StepAnswer.Waits();
      case REJECTED -> ended("was refused", hold);
      case EXPIRED -> ended("expired", hold);
      case WITHDRAWN -> ended("was withdrawn", hold);
    };
  }

  private static AgentApi.StepAnswer ended(String how, Hold hold) {
    return new AgentApi.StepAnswer.Ends(
        "its approval " + how + hold.why().map(why -> ": " + why).orElse(""));
  }

  private static Optional<Hold> newest(Session session, Run run, Name job, int step)
      throws SQLException {
    return session.first(
        "SELECT * FROM hold WHERE run_id = ? AND job_name = ? AND step = ? AND round = ? ORDER BY"
            + " id DESC LIMIT 1",
        Hold::of,
        run.id(),
        job.value(),
        step,
        run.reruns());
  }

  private AgentApi.StepAnswer placed(
      Session session,
      Run run,
      Name job,
      int number,
      List<Step> steps,
      JobApproval asked,
      Instant now)
      throws SQLException {
    if (!(PolicyStore.effective(session, run.repository())
        instanceof Lookup.Known<Policy>(var policy))) {
      // Nobody could release it yet; the agent asks again.
      return new AgentApi.StepAnswer.Waits();
    }
    String text =
        "the step "
            + Quote.of(steps.get(number).name())
            + " of job "
            + job
            + " waits for approval"
            + asked.reason().map(why -> ": " + why).orElse("");
    Event event = Holds.event(session, run.eventId());
    CommitId head = new CommitId(run.commit());
    holds.placeStep(
        session,
        run,
        new Hold.Place(Optional.of(job), Optional.of(number)),
        new Hold.Asked(
            List.of(new Reason(Cause.ASKED, text)),
            new Release.Approval(
                Math.max(asked.count(), policy.approval().count()), policy.approval().own())),
        new Holds.Over(
            run.repository(),
            run.eventId(),
            event.happening() instanceof Happening.PullRequest request
                ? Optional.of(request.number())
                : Optional.empty(),
            head,
            run.base().map(CommitId::new).orElse(head),
            runs.definition(session, run).digest(),
            Optional.of(PolicyText.digest(policy))),
        now,
        Holds.stepUntil(policy, now));
    return new AgentApi.StepAnswer.Waits();
  }
}
