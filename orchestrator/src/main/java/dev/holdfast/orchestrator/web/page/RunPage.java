package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.artifact.Artifact;
import dev.holdfast.orchestrator.artifact.Artifacts;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.hold.Hold;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.run.Contacts;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.RunActions;
import dev.holdfast.orchestrator.web.RunView;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One run: its jobs, why it runs or waits, and what it used. */
final class RunPage {
  private static final int MOST_REASONS = 20;
  private static final int MOST_NAMED = 3;

  private final Gate gate;
  private final Database database;
  private final Runs runs;
  private final Agents agents;
  private final Artifacts artifacts;
  private final RunView view;
  private final RunActions actions;
  private final Live live;

  RunPage(
      Gate gate,
      Database database,
      Runs runs,
      Agents agents,
      Artifacts artifacts,
      RunView view,
      RunActions actions,
      Live live) {
    this.gate = gate;
    this.database = database;
    this.runs = runs;
    this.agents = agents;
    this.artifacts = artifacts;
    this.view = view;
    this.actions = actions;
    this.live = live;
  }

  /** A destination on the network. */
  record Reached(String where, boolean allowed, long packets) {}

  /** Something that an earlier job kept and this one was given. */
  record GivenFile(String kind, String name, String trust) {}

  /**
   * What an attempt used.
   *
   * @param tier the wall that it ran behind, as its agent is registered now
   * @param secrets by name; empty where whoever looks may not see them
   */
  record Used(
      String job,
      RunView.ShownAttempt attempt,
      String tier,
      List<Reached> refused,
      List<Reached> allowed,
      List<GivenFile> given,
      Optional<List<String>> secrets) {}

  /**
   * @param waits why it does not go on, one line each
   * @param holds the ids of those that somebody may still decide on
   * @param mayStart whether who looks may cancel it or start it over
   */
  record View(
      RunView.Full run,
      String state,
      Graph graph,
      Optional<Timeline> timeline,
      List<String> waits,
      List<String> holds,
      List<Used> used,
      List<Artifact> artifacts,
      Optional<Duration> usual,
      boolean mayStart,
      Instant now) {
    boolean over() {
      return run.state().over();
    }

    /** Whether some of it can be started over without the rest. */
    boolean someFailed() {
      return run.jobs().stream()
          .anyMatch(job ->
              switch (job.state()) {
                case FAILED, CANCELLED -> true;
                case HELD, WAITING, QUEUED, RUNNING, SUCCEEDED, SKIPPED -> false;
              });
    }

    Optional<Duration> took() {
      return run.started().map(from -> Duration.between(from, run.finished().orElse(now)));
    }

    @org.jspecify.annotations.Nullable
    Long since() {
      return state.equals("running") && run.started().isPresent()
          ? Long.valueOf(run.started().get().toEpochMilli())
          : null;
    }

    Optional<Duration> took(RunView.ShownJob job) {
      return job.started().map(from -> Duration.between(from, job.finished().orElse(now)));
    }
  }

  void on(Router router) {
    router.repository(Permission.VIEW, HandlerType.GET, "/runs/{run}", this::show);
    router.repository(Permission.VIEW, HandlerType.GET, "/live/runs/{run}", this::listen);
    router.repository(Permission.START_RUNS, HandlerType.POST, "/runs/{run}/cancel", this::cancel);
    router.repository(Permission.START_RUNS, HandlerType.POST, "/runs/{run}/rerun", this::rerun);
  }

  private void show(Context ctx) {
    String id = ctx.pathParam("run");
    View shown = database.read(s -> view(s, ctx, id));
    String title =
        shown.run().workflow() + " #" + shown.run().number() + " · " + shown.run().repository();
    Html.answer(
        ctx,
        (out, none) ->
            JterunGenerated.render(
                out,
                none,
                Shell.of(ctx, shown.state() + ": " + Visible.line(title, Visible.LINE))
                    .live("/live/runs/" + id),
                shown));
  }

  private View view(Session s, Context ctx, String id) throws SQLException {
    Run run = runs.find(s, id);
    RunView.Full full = view.full(s, id);
    Instant now = Router.asked(ctx).orElseThrow();
    Optional<String> where = Optional.of(run.repository());
    boolean secrets = gate.caller(ctx).may(Permission.VIEW_SECRETS, where);
    var used = new ArrayList<Used>();
    Map<String, Agent> byName = new HashMap<>();
    agents.list().forEach(agent -> byName.put(agent.name(), agent));
    for (RunView.ShownJob job : full.jobs()) {
      for (RunView.ShownAttempt attempt : job.attempts()) {
        used.add(used(s, job.key(), attempt, byName, secrets));
      }
    }
    return new View(
        full,
        Http.word(full.state()),
        Graph.of(full.jobs()),
        Timeline.of(full.jobs(), now),
        waits(full),
        Holds.of(s, id).stream()
            .filter(hold -> hold.state() == Hold.State.HELD)
            .map(Hold::id)
            .toList(),
        used,
        artifacts.list(s, id),
        Usual.of(s, run),
        gate.caller(ctx).may(Permission.START_RUNS, where),
        now);
  }

  private static List<String> waits(RunView.Full run) {
    if (run.state().over()) {
      return List.of();
    }
    var byReason = new LinkedHashMap<String, List<String>>();
    for (RunView.ShownJob job : run.jobs()) {
      Optional<String> reason =
          switch (job.state()) {
            case HELD -> Optional.of(job.reason().orElse("held for a person to release"));
            case QUEUED ->
                Optional.of(
                    job.reason().orElse("queued; every agent that may take it is busy, or away"));
            case WAITING, RUNNING, SUCCEEDED, FAILED, CANCELLED, SKIPPED -> Optional.empty();
          };
      reason.ifPresent(
          text -> byReason.computeIfAbsent(text, _ -> new ArrayList<>()).add(job.key()));
    }
    return byReason.entrySet().stream()
        .map(each -> names(each.getValue(), run.jobs().size()) + ": " + each.getKey())
        .limit(MOST_REASONS)
        .toList();
  }

  private static String names(List<String> jobs, int all) {
    if (jobs.size() == all && all > 1) {
      return "all of its jobs";
    }
    return jobs.size() <= MOST_NAMED
        ? String.join(", ", jobs)
        : String.join(", ", jobs.subList(0, MOST_NAMED))
            + " and "
            + (jobs.size() - MOST_NAMED)
            + " more";
  }

  private static Used used(
      Session s,
      String job,
      RunView.ShownAttempt attempt,
      Map<String, Agent> agents,
      boolean secrets)
      throws SQLException {
    var refused = new ArrayList<Reached>();
    var allowed = new ArrayList<Reached>();
    for (var contact : Contacts.of(s, attempt.id())) {
      String where =
          contact
                  .name()
                  .map(name -> name + " (" + contact.address() + ")")
                  .orElse(contact.address())
              + " "
              + contact.protocol()
              + (contact.port() == 0 ? "" : " " + contact.port());
      (contact.allowed() ? allowed : refused)
          .add(new Reached(where, contact.allowed(), contact.packets()));
    }
    List<GivenFile> given =
        s.list(
            "SELECT kept_use.kind, kept_use.trust, coalesce((SELECT cache_key FROM cache_entry WHERE"
                + " id = subject_id), (SELECT name FROM artifact WHERE id = subject_id), subject_id)"
                + " AS name FROM kept_use WHERE attempt_id = ? ORDER BY at, subject_id",
            row ->
                new GivenFile(
                    row.text("kind"),
                    row.text("name"),
                    row.text("trust").toLowerCase(java.util.Locale.ROOT)),
            attempt.id());
    Optional<List<String>> names =
        secrets
            ? Optional.of(
                s.list(
                    "SELECT DISTINCT name FROM secret_given WHERE attempt_id = ? ORDER BY name",
                    row -> row.text("name"),
                    attempt.id()))
            : Optional.empty();
    Agent agent = agents.get(attempt.agent());
    return new Used(
        job,
        attempt,
        agent == null ? "" : agent.backend().tier().word(),
        refused,
        allowed,
        given,
        names);
  }

  private void listen(Context ctx) throws IOException, InterruptedException {
    live.changes(ctx, ctx.pathParam("run"), _ -> true);
  }

  private void cancel(Context ctx) {
    String id = ctx.pathParam("run");
    actions.cancel(ctx, id);
    Html.go(ctx, "/runs/" + id);
  }

  private void rerun(Context ctx) {
    String id = ctx.pathParam("run");
    actions.rerun(ctx, id, Objects.equals(ctx.formParam("what"), "failed"));
    Html.go(ctx, "/runs/" + id);
  }
}
