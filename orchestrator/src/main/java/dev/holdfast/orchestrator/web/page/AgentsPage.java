package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.run.Demand;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Agents, what runs on each, and what waits for one. */
final class AgentsPage {
  /** They are heard of every three seconds, and that is noted every five. */
  static final Duration SILENCE = Duration.ofSeconds(15);

  private static final int MOST_DEMANDS = 100;

  private final Database database;
  private final Agents agents;
  private final Live live;
  private final InstantSource clock;

  AgentsPage(Database database, Agents agents, Live live, InstantSource clock) {
    this.database = database;
    this.agents = agents;
    this.live = live;
    this.clock = clock;
  }

  /** A job that an agent has. */
  record Held(
      String agent,
      String attempt,
      String run,
      String repository,
      String workflow,
      long number,
      String job,
      boolean runs,
      Instant since) {}

  /**
   * An agent.
   *
   * @param here whether it was heard of lately
   * @param probe what it told of the newest probe of its host
   */
  record Line(Agent agent, boolean here, List<Held> held, Optional<ProbeReport> probe) {
    /** What came of that on the backend that it has. */
    Optional<ProbeReport.OnBackend> probed() {
      return probe.flatMap(report -> report.on(agent.backend()));
    }

    /** The backends that were attacked, in words. */
    String attacked() {
      return probe.stream()
          .flatMap(report -> report.backends().stream())
          .map(one -> Http.word(one.backend()))
          .collect(Collectors.joining(", "));
    }

    /** Why it says less than it seems to. */
    List<String> doubts() {
      var doubts = new ArrayList<String>();
      probe.ifPresent(report -> {
        if (!report.whole()) {
          doubts.add("of some attacks only");
        }
        if (!report.release().equals(agent.release())) {
          doubts.add("by another version than the agent's");
        }
      });
      return doubts;
    }

    int free() {
      return Math.max(0, agent.capacity() - held.size());
    }

    /** The part of its places that is taken, in hundredths. */
    int part() {
      return Math.min(100, held.size() * 100 / Math.max(1, agent.capacity()));
    }
  }

  /**
   * Agents that may take the same jobs: they have the same labels and the same wall.
   *
   * @param tier how strong that is
   */
  record Pool(List<String> labels, String tier, List<Line> agents) {
    int capacity() {
      return agents.stream().filter(Line::here).mapToInt(line -> line.agent().capacity()).sum();
    }

    int taken() {
      return agents.stream().mapToInt(line -> line.held().size()).sum();
    }

    long here() {
      return agents.stream().filter(Line::here).count();
    }
  }

  /**
   * Jobs that are queued and ask for the same.
   *
   * @param why they wait though places may be free
   */
  record Waiting(String asks, long jobs, Instant since, String why) {}

  record View(List<Pool> pools, List<Waiting> waiting, Instant now) {
    long here() {
      return pools.stream().mapToLong(Pool::here).sum();
    }

    long all() {
      return pools.stream().mapToLong(pool -> pool.agents().size()).sum();
    }

    int capacity() {
      return pools.stream().mapToInt(Pool::capacity).sum();
    }

    int taken() {
      return pools.stream().mapToInt(Pool::taken).sum();
    }

    long queued() {
      return waiting.stream().mapToLong(Waiting::jobs).sum();
    }
  }

  void on(Router router) {
    router.installation(Permission.VIEW, HandlerType.GET, "/agents", this::show);
    router.installation(Permission.VIEW, HandlerType.GET, "/live/agents", this::listen);
  }

  private void show(Context ctx) {
    View view = database.read(this::view);
    Html.answer(
        ctx,
        (out, none) ->
            JteagentsGenerated.render(
                out, none, Shell.of(ctx, "Agents").live("/live/agents"), view));
  }

  private void listen(Context ctx) throws IOException, InterruptedException {
    live.changes(ctx, null, _ -> true);
  }

  View view(Session s) throws SQLException {
    Instant now = clock.instant();
    Map<String, List<Held>> held = new HashMap<>();
    for (Held one :
        s.list(
            "SELECT attempt.id, attempt.agent_id, attempt.run_id, attempt.state, attempt.leased_at,"
                + " attempt.started_at, job.job_key, run.workflow, run.number, repository.name FROM"
                + " attempt JOIN job ON job.id = attempt.job_id JOIN run ON run.id ="
                + " attempt.run_id JOIN repository ON repository.id = run.repository_id WHERE"
                + " attempt.state IN ('LEASED', 'RUNNING') ORDER BY attempt.id",
            row -> {
              Optional<Instant> started = row.maybeTime("started_at");
              return new Held(
                  row.text("agent_id"),
                  row.text("id"),
                  row.text("run_id"),
                  row.text("name"),
                  row.text("workflow"),
                  row.number("number"),
                  row.text("job_key"),
                  started.isPresent(),
                  started.isPresent() ? started.get() : row.time("leased_at"));
            })) {
      held.computeIfAbsent(one.agent(), _ -> new ArrayList<>()).add(one);
    }
    Map<String, List<Line>> pools = new TreeMap<>();
    for (Agent agent : agents.list()) {
      pools
          .computeIfAbsent(
              agent.backend().tier().word() + " " + String.join(",", sorted(agent)),
              _ -> new ArrayList<>())
          .add(
              new Line(
                  agent,
                  Duration.between(agent.seen(), now).compareTo(SILENCE) <= 0,
                  held.getOrDefault(agent.id(), List.of()),
                  agents.probe(agent.id())));
    }
    return new View(
        pools.values().stream()
            .map(lines ->
                new Pool(
                    sorted(lines.getFirst().agent()),
                    lines.getFirst().agent().backend().tier().word(),
                    lines))
            .toList(),
        waiting(s, now),
        now);
  }

  private static List<String> sorted(Agent agent) {
    return agent.labels().stream().sorted().toList();
  }

  private List<Waiting> waiting(Session s, Instant now) throws SQLException {
    return s.list(
        "SELECT labels, count(*) AS jobs, min(queued_at) AS since FROM job WHERE state = 'QUEUED'"
            + " GROUP BY labels ORDER BY since LIMIT ?",
        row -> {
          Demand asked = Demand.read(row.text("labels"));
          return new Waiting(
              words(asked),
              row.number("jobs"),
              row.maybeTime("since").orElse(now),
              why(asked, now));
        },
        MOST_DEMANDS);
  }

  private String why(Demand asked, Instant now) {
    if (!agents.some(asked::isMetBy)) {
      return asked.unmet().orElse("no agent is known");
    }
    boolean here =
        agents.some(agent ->
            asked.isMetBy(agent) && Duration.between(agent.seen(), now).compareTo(SILENCE) <= 0);
    return here
        ? "the agents that may take it have not asked for it yet"
        : "no agent that may take it was heard of lately";
  }

  private static String words(Demand asked) {
    var words = new ArrayList<String>();
    asked.tier().ifPresent(tier -> words.add(tier.word() + " or stronger"));
    if (asked.containers()) {
      words.add("containers, for services");
    }
    words.add(asked.labels().isEmpty() ? "any labels" : String.join(", ", asked.labels()));
    return String.join("; ", words);
  }
}
