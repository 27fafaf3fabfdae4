package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The figures that matter, of the last days and of what somebody may see. */
final class OverviewPage {
  static final int DAYS = 7;

  /** More would not change a median that anybody reads, and would keep others waiting. */
  private static final int MOST_ATTEMPTS = 20_000;

  private static final int MOST_RUNS = 20_000;
  private static final int MOST_LINES = 12;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Agents agents;
  private final InstantSource clock;

  OverviewPage(
      Gate gate, Database database, Repositories repositories, Agents agents, InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.agents = agents;
    this.clock = clock;
  }

  /** The runs of a day that are over; parts are of a hundred, of the most on any day. */
  record Day(
      String label,
      long succeeded,
      long failed,
      long cancelled,
      int succeededPart,
      int failedPart,
      int cancelledPart) {
    long all() {
      return succeeded + failed + cancelled;
    }
  }

  /**
   * A job that both succeeded and failed for one commit with one definition.
   *
   * @param commits for how many
   */
  record Flaky(
      String repository,
      String workflow,
      String job,
      long commits,
      long failed,
      long attempts,
      String run) {}

  /**
   * How long an agent worked.
   *
   * @param part of what it could have, in hundredths
   */
  record Busy(String agent, Duration worked, long attempts, int part) {}

  record Row(String repository, long runs, long failed, long held, String share) {}

  record View(
      List<Day> days,
      long runs,
      long failed,
      Optional<Figures.Spread> queued,
      Optional<Figures.Spread> starting,
      List<Flaky> flaky,
      List<Busy> busy,
      List<Row> repositories,
      long waits,
      boolean all,
      Instant now) {
    String failing() {
      return Figures.share(failed, runs);
    }
  }

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/overview", this::show);
  }

  private void show(Context ctx) {
    List<Repository> seen = gate.among(ctx, Permission.VIEW, repositories.list());
    boolean fleet = gate.caller(ctx).may(Permission.VIEW, Optional.empty());
    View view = database.read(s -> view(s, seen, fleet));
    Html.answer(
        ctx,
        (out, none) -> JteoverviewGenerated.render(out, none, Shell.of(ctx, "Overview"), view));
  }

  /**
   * @param seen the repositories of which it may tell
   * @param fleet whether it may tell of agents
   */
  View view(Session s, List<Repository> seen, boolean fleet) throws SQLException {
    Instant now = clock.instant();
    Instant first = now.truncatedTo(ChronoUnit.DAYS).minus(DAYS - 1L, ChronoUnit.DAYS);
    String ids = " " + seen.stream().map(Repository::id).collect(Collectors.joining(" ")) + " ";
    Map<String, String> names =
        seen.stream().collect(Collectors.toMap(Repository::id, r -> r.name().value()));
    List<Ended> runs =
        s.list(
            "SELECT repository_id, state, finished_at FROM run WHERE id >= ? AND finished_at IS NOT"
                + " NULL AND ? LIKE '% ' || repository_id || ' %' ORDER BY id DESC LIMIT ?",
            row -> new Ended(row.text("repository_id"), row.text("state"), row.time("finished_at")),
            Ids.since("run", first),
            ids,
            MOST_RUNS);
    List<Spans> times =
        s.list(
            "SELECT attempt.leased_at - job.queued_at AS queued, attempt.started_at -"
                + " attempt.leased_at AS starting, attempt.started_at, job.queued_at FROM attempt"
                + " JOIN job ON job.id = attempt.job_id AND job.fence = attempt.fence JOIN run ON"
                + " run.id = attempt.run_id WHERE attempt.id >= ? AND ? LIKE '% ' ||"
                + " run.repository_id || ' %' ORDER BY attempt.id DESC LIMIT ?",
            row ->
                new Spans(
                    row.maybeNumber("queued_at").isPresent()
                        ? Optional.of(row.number("queued"))
                        : Optional.empty(),
                    row.maybeNumber("started_at").isPresent()
                        ? Optional.of(row.number("starting"))
                        : Optional.empty()),
            Ids.since("att", first),
            ids,
            MOST_ATTEMPTS);
    return new View(
        days(runs, first),
        runs.stream().filter(Ended::counts).count(),
        runs.stream().filter(Ended::failed).count(),
        Figures.spread(times.stream().flatMap(t -> t.queued().stream()).toList()),
        Figures.spread(times.stream().flatMap(t -> t.starting().stream()).toList()),
        flaky(s, first, ids, names),
        fleet ? busy(s, first, now) : List.of(),
        rows(s, runs, seen),
        s.first(
                "SELECT count(*) AS n FROM hold WHERE state = 'HELD' AND ? LIKE '% ' ||"
                    + " repository_id || ' %'",
                row -> row.number("n"), ids)
            .orElse(0L),
        runs.size() < MOST_RUNS && times.size() < MOST_ATTEMPTS,
        now);
  }

  private record Spans(Optional<Long> queued, Optional<Long> starting) {}

  private record Ended(String repository, String state, Instant at) {
    boolean failed() {
      return state.equals("FAILED");
    }

    /** Whether it came to an end of its own: who cancels something learns nothing of it. */
    boolean counts() {
      return failed() || state.equals("SUCCEEDED");
    }
  }

  private static List<Day> days(List<Ended> runs, Instant first) {
    long[][] counts = new long[DAYS][3];
    for (Ended run : runs) {
      long day = Duration.between(first, run.at()).toDays();
      if (day >= 0 && day < DAYS) {
        counts[(int) day][run.failed() ? 1 : run.counts() ? 0 : 2]++;
      }
    }
    long most = 1;
    for (long[] day : counts) {
      most = Math.max(most, Figures.sum(day));
    }
    var days = new ArrayList<Day>();
    for (int i = 0; i < DAYS; i++) {
      long[] day = counts[i];
      days.add(
          new Day(
              Figures.day(first.plus(i, ChronoUnit.DAYS)),
              day[0],
              day[1],
              day[2],
              (int) (day[0] * 100 / most),
              (int) (day[1] * 100 / most),
              (int) (day[2] * 100 / most)));
    }
    return days;
  }

  private static List<Flaky> flaky(Session s, Instant first, String ids, Map<String, String> names)
      throws SQLException {
    return s.list(
        // Within: outcomes for one commit with one plan. Around: how many such a job has.
        "SELECT repository_id, workflow, job_key, count(*) AS commits, sum(bad) AS failed, sum(bad +"
            + " good) AS attempts, max(run) AS run FROM (SELECT run.repository_id, run.workflow,"
            + " job.job_key, run.commit_id, run.plan, sum(CASE attempt.state WHEN 'FAILED' THEN 1"
            + " ELSE 0 END) AS bad, sum(CASE attempt.state WHEN 'SUCCEEDED' THEN 1 ELSE 0 END) AS"
            + " good, max(run.id) AS run FROM attempt JOIN job ON job.id = attempt.job_id JOIN run"
            + " ON run.id = attempt.run_id WHERE attempt.id >= ? AND ? LIKE '% ' ||"
            + " run.repository_id || ' %' GROUP BY run.repository_id, run.workflow, job.job_key,"
            + " run.commit_id, run.plan) AS outcomes WHERE bad > 0 AND good > 0 GROUP BY"
            + " repository_id, workflow, job_key ORDER BY commits DESC, failed DESC LIMIT ?",
        row ->
            new Flaky(
                names.getOrDefault(row.text("repository_id"), row.text("repository_id")),
                row.text("workflow"),
                row.text("job_key"),
                row.number("commits"),
                row.number("failed"),
                row.number("attempts"),
                row.text("run")),
        Ids.since("att", first),
        ids,
        MOST_LINES);
  }

  private List<Busy> busy(Session s, Instant first, Instant now) throws SQLException {
    record Worked(long ms, long attempts) {}
    Map<String, Worked> worked = new HashMap<>();
    s.list(
        "SELECT agent_id, count(*) AS attempts, sum(coalesce(finished_at, ?) - leased_at) AS worked"
            + " FROM attempt WHERE id >= ? GROUP BY agent_id",
        row ->
            worked.put(
                row.text("agent_id"), new Worked(row.number("worked"), row.number("attempts"))),
        now,
        Ids.since("att", first));
    var busy = new ArrayList<Busy>();
    for (Agent agent : agents.list()) {
      Worked its = worked.get(agent.id());
      if (its != null) {
        long could =
            Math.max(1, Duration.between(first, now).toMillis()) * Math.max(1, agent.capacity());
        busy.add(
            new Busy(
                agent.name(),
                Duration.ofMillis(its.ms()),
                its.attempts(),
                (int) Math.min(100, its.ms() * 100 / could)));
      }
    }
    busy.sort(Comparator.comparing(Busy::worked).reversed().thenComparing(Busy::agent));
    return busy.subList(0, Math.min(MOST_LINES, busy.size()));
  }

  private static List<Row> rows(Session s, List<Ended> runs, List<Repository> seen)
      throws SQLException {
    Map<String, Long> held = new HashMap<>();
    s.list(
        "SELECT repository_id, count(*) AS n FROM hold WHERE state = 'HELD' GROUP BY repository_id",
        row -> held.put(row.text("repository_id"), row.number("n")));
    var rows = new ArrayList<Row>();
    for (Repository repository : seen) {
      List<Ended> own =
          runs.stream().filter(run -> run.repository().equals(repository.id())).toList();
      long counted = own.stream().filter(Ended::counts).count();
      long failed = own.stream().filter(Ended::failed).count();
      rows.add(
          new Row(
              repository.name().value(),
              counted,
              failed,
              held.getOrDefault(repository.id(), 0L),
              Figures.share(failed, counted)));
    }
    rows.sort(Comparator.comparingLong(Row::runs).reversed().thenComparing(Row::repository));
    return rows;
  }
}
