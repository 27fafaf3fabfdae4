package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.JobState;
import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.AttemptState;
import dev.holdfast.orchestrator.run.CommitMessage;
import dev.holdfast.orchestrator.run.Demand;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.ServiceImages;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs as the API shows them. */
public final class RunView {
  private final Runs runs;
  private final Agents agents;
  private final Repositories repositories;

  RunView(Runs runs, Agents agents, Repositories repositories) {
    this.runs = runs;
    this.agents = agents;
    this.repositories = repositories;
  }

  /**
   * @param kind {@code push}, {@code tag}, {@code pull-request}, {@code manual} or {@code schedule}
   * @param message what the commit's author wrote of it, if that is known
   */
  public record What(
      String kind,
      String ref,
      String commit,
      Optional<Contributor> contributor,
      Optional<Message> message) {}

  /**
   * A commit's message.
   *
   * @param body what comes after its first line; not in lists of runs
   */
  public record Message(String subject, Optional<String> body) {
    static Message of(CommitMessage message) {
      return new Message(
          message.subject(),
          message.body().isEmpty() ? Optional.empty() : Optional.of(message.body()));
    }

    private Message first() {
      return new Message(subject, Optional.empty());
    }
  }

  public record Brief(
      String id,
      long number,
      String repository,
      String workflow,
      RunState state,
      What event,
      Optional<String> reason,
      boolean cancelling,
      long reruns,
      Instant created,
      Optional<Instant> started,
      Optional<Instant> finished) {}

  public record Briefs(List<Brief> runs) {}

  /**
   * All of a run.
   *
   * @param trust of everybody who had a hand in it
   * @param definitions the commit whose definitions run, if that is not the event's
   * @param why it runs or waits
   */
  public record Full(
      String id,
      long number,
      String repository,
      String workflow,
      RunState state,
      What event,
      Optional<String> reason,
      boolean cancelling,
      long reruns,
      Instant created,
      Optional<Instant> started,
      Optional<Instant> finished,
      Optional<Trust> trust,
      Optional<String> definitions,
      List<String> why,
      List<ShownJob> jobs,
      Map<String, Map<String, String>> outputs,
      Optional<String> summary) {}

  public record ShownJob(
      String key,
      JobState state,
      Optional<String> reason,
      List<String> needs,
      List<String> labels,
      Optional<Tier> tier,
      List<EnvironmentPattern> environments,
      Optional<Instant> queued,
      Optional<Instant> started,
      Optional<Instant> finished,
      List<ShownAttempt> attempts) {}

  public record ShownAttempt(
      String id,
      long number,
      String agent,
      AttemptState state,
      Optional<String> reason,
      Instant leased,
      Optional<Instant> started,
      Optional<Instant> finished,
      Optional<Count> logLength,
      Optional<String> image,
      Map<String, String> services,
      List<ShownStep> steps) {}

  /** A number that may be absent. */
  public record Count(long value) {}

  public record ShownStep(
      int index,
      String name,
      String state,
      Optional<String> reason,
      Optional<Count> exitCode,
      Optional<Instant> started,
      Optional<Instant> finished,
      Optional<Count> offset) {}

  public Brief brief(Session session, Run run) throws SQLException {
    return brief(run, what(session, run, message(session, run).map(Message::first)));
  }

  /** What is said of the commit of {@code run}. */
  static Optional<Message> message(Session session, Run run) throws SQLException {
    return CommitMessage.of(session, run).map(Message::of);
  }

  private Brief brief(Run run, What what) {
    return new Brief(
        run.id(),
        run.number(),
        repository(run),
        run.workflow(),
        run.state(),
        what,
        run.reason(),
        run.cancel() && !run.state().over(),
        run.reruns(),
        run.created(),
        run.started(),
        run.finished());
  }

  public Full full(Session session, String id) throws SQLException {
    Run run = runs.find(session, id);
    Brief brief = brief(run, what(session, run, message(session, run)));
    List<PlannedJob> plan = runs.plan(session, run);
    Map<String, List<Attempt>> attempts = new HashMap<>();
    for (Attempt attempt :
        session.list("SELECT * FROM attempt WHERE run_id = ? ORDER BY id", Attempt::of, id)) {
      attempts.computeIfAbsent(attempt.job(), job -> new ArrayList<>()).add(attempt);
    }
    var jobs = new ArrayList<ShownJob>();
    var outputs = new LinkedHashMap<String, Map<String, String>>();
    var summary = new StringBuilder();
    for (JobRow job : runs.jobs(session, id)) {
      PlannedJob planned = plan.get(job.position());
      var tries = new ArrayList<ShownAttempt>();
      for (Attempt attempt : attempts.getOrDefault(job.id(), List.of())) {
        tries.add(attempt(session, attempt, planned));
        if (attempt.fence() == job.fence()) {
          collect(session, attempt, job.key(), outputs, summary);
        }
      }
      jobs.add(
          new ShownJob(
              job.key(),
              job.state(),
              reason(job),
              planned.needs(),
              job.demand().labels(),
              job.demand().tier(),
              planned.job().environments(),
              job.queued(),
              job.started(),
              job.finished(),
              tries));
    }
    return new Full(
        brief.id(),
        brief.number(),
        brief.repository(),
        brief.workflow(),
        brief.state(),
        brief.event(),
        brief.reason(),
        brief.cancelling(),
        brief.reruns(),
        brief.created(),
        brief.started(),
        brief.finished(),
        run.trust(),
        run.base(),
        run.why(),
        jobs,
        outputs,
        summary.isEmpty() ? Optional.empty() : Optional.of(summary.toString()));
  }

  /** One try at a job, without the rest of its run. */
  public ShownAttempt attempt(Session session, Attempt attempt, PlannedJob planned)
      throws SQLException {
    Map<Integer, ShownStep> known = new HashMap<>();
    List<Step> steps = planned.job().steps();
    session.list(
        "SELECT * FROM step WHERE attempt_id = ?",
        row -> {
          int index = (int) row.number("position");
          return known.put(
              index,
              new ShownStep(
                  index,
                  steps.get(index).name(),
                  row.text("state").toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                  row.maybeText("reason"),
                  row.maybeNumber("exit_code").map(Count::new),
                  row.maybeTime("started_at"),
                  row.maybeTime("finished_at"),
                  row.maybeNumber("log_offset").map(Count::new)));
        },
        attempt.id());
    var shown = new ArrayList<ShownStep>();
    for (int i = 0; i < steps.size(); i++) {
      ShownStep unseen =
          new ShownStep(
              i,
              steps.get(i).name(),
              attempt.state().over() ? "skipped" : "waiting",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      shown.add(known.getOrDefault(i, unseen));
    }
    return new ShownAttempt(
        attempt.id(),
        attempt.fence(),
        agents.byId(attempt.agent()).map(Agent::name).orElse(attempt.agent()),
        attempt.state(),
        attempt.reason(),
        attempt.leased(),
        attempt.started(),
        attempt.finished(),
        attempt.logLength().map(Count::new),
        attempt.image(),
        planned.job().services().isEmpty() ? Map.of() : ServiceImages.of(session, attempt.id()),
        shown);
  }

  private Optional<String> reason(JobRow job) {
    Demand wanted = job.demand();
    if (job.state() != JobState.QUEUED || agents.some(wanted::isMetBy)) {
      return job.reason();
    }
    return wanted.unmet().or(job::reason);
  }

  private static void collect(
      Session session,
      Attempt attempt,
      String key,
      Map<String, Map<String, String>> outputs,
      StringBuilder summary)
      throws SQLException {
    var own = new LinkedHashMap<String, String>();
    session.list(
        "SELECT name, value FROM output WHERE attempt_id = ? ORDER BY name",
        row -> own.put(row.text("name"), row.text("value")),
        attempt.id());
    if (!own.isEmpty()) {
      outputs.put(key, own);
    }
    for (String markdown :
        session.list(
            "SELECT markdown FROM summary WHERE attempt_id = ? ORDER BY position",
            row -> row.text("markdown"),
            attempt.id())) {
      summary.append(summary.isEmpty() ? "" : "\n").append(markdown);
    }
  }

  private String repository(Run run) {
    return repositories
        .byId(run.repository())
        .map(Repository::name)
        .map(Object::toString)
        .orElse(run.repository());
  }

  private static What what(Session session, Run run, Optional<Message> message)
      throws SQLException {
    Event event = Runs.event(session, run);
    String kind =
        switch (event.happening()) {
          case Happening.Push push -> "push";
          case Happening.Tag tag -> "tag";
          case Happening.PullRequest request -> "pull-request";
          case Happening.Manual manual -> "manual";
          case Happening.Schedule schedule -> "schedule";
        };
    return new What(kind, run.ref(), run.commit(), event.contributor(), message);
  }
}
