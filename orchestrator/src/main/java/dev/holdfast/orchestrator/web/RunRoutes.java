package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.RunState;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.run.Runs;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs, and what people do with them. */
final class RunRoutes {
  private static final String ALL = "SELECT * FROM run WHERE id < ?";

  private final Database database;
  private final Repositories repositories;
  private final Runs runs;
  private final RunActions actions;
  private final Gate gate;
  private final RunWatch watch;
  private final RunView view;

  RunRoutes(
      Database database,
      Repositories repositories,
      Runs runs,
      RunActions actions,
      Gate gate,
      RunWatch watch,
      RunView view) {
    this.database = database;
    this.repositories = repositories;
    this.runs = runs;
    this.actions = actions;
    this.gate = gate;
    this.watch = watch;
    this.view = view;
  }

  record Rerun(boolean failedOnly) {}

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/api/v1/runs", this::list);
    router.repository(Permission.VIEW, HandlerType.GET, "/api/v1/runs/{run}", this::show);
    router.repository(Permission.VIEW, HandlerType.GET, "/api/v1/runs/{run}/wait", this::await);
    router.repository(
        Permission.START_RUNS, HandlerType.POST, "/api/v1/runs/{run}/cancel", this::cancel);
    router.repository(
        Permission.START_RUNS, HandlerType.POST, "/api/v1/runs/{run}/rerun", this::rerun);
  }

  private void list(Context ctx) {
    var sql = new StringBuilder(ALL);
    var parameters = new ArrayList<Object>();
    parameters.add(Http.query(ctx, "before").orElse("~"));
    Http.query(ctx, "repository")
        .ifPresent(name -> {
          sql.append(" AND repository_id = ?");
          parameters.add(
              repositories
                  .byName(new Name(name))
                  .filter(r -> gate.caller(ctx).may(Permission.VIEW, Optional.of(r.id())))
                  .orElseThrow(() -> new Problem(404, "there is no repository " + name))
                  .id());
        });
    if (!gate.caller(ctx).may(Permission.VIEW, Optional.empty())) {
      only(gate.viewable(ctx), sql, parameters);
    }
    filter(ctx, "branch", "ref", sql, parameters);
    filter(ctx, "workflow", "workflow", sql, parameters);
    filter(ctx, "commit", "commit_id", sql, parameters);
    Optional<RunState> state = Http.constant(ctx, "state", RunState.class);
    if (state.isPresent()) {
      sql.append(" AND state = ?");
      parameters.add(state.get());
    }
    sql.append(" ORDER BY id DESC LIMIT ?");
    parameters.add(Http.number(ctx, "limit", 1, 1000, 50));
    RunView.Briefs briefs =
        database.read(s -> {
          List<RunView.Brief> out = new ArrayList<>();
          for (Run run : s.list(sql.toString(), Run::of, parameters.toArray())) {
            out.add(view.brief(s, run));
          }
          return new RunView.Briefs(out);
        });
    Http.answer(ctx, RunView.Briefs.class, briefs);
  }

  /** For who sees only some repositories. */
  private static void only(List<String> ids, StringBuilder sql, List<Object> parameters) {
    // As one parameter, so that there is one statement, however many they are.
    sql.append(" AND ? LIKE '% ' || repository_id || ' %'");
    parameters.add(" " + String.join(" ", ids) + " ");
  }

  private static void filter(
      Context ctx, String name, String column, StringBuilder sql, List<Object> parameters) {
    Http.query(ctx, name)
        .ifPresent(value -> {
          sql.append(" AND ").append(column).append(" = ?");
          parameters.add(value);
        });
  }

  private void show(Context ctx) {
    answer(ctx, ctx.pathParam("run"));
  }

  private void await(Context ctx) throws InterruptedException {
    String id = ctx.pathParam("run");
    long seconds = Http.number(ctx, "timeout", 0, 300, 60);
    watch.await(
        id, Duration.ofSeconds(seconds), () -> database.read(s -> runs.find(s, id)).state().over());
    if (!gate.stands(ctx)) {
      throw new Problem(401, "the token or what its user may do ended while this waited");
    }
    answer(ctx, id);
  }

  private void cancel(Context ctx) {
    String id = ctx.pathParam("run");
    actions.cancel(ctx, id);
    answer(ctx, id);
  }

  private void rerun(Context ctx) {
    String id = ctx.pathParam("run");
    actions.rerun(ctx, id, Http.body(ctx, Rerun.class).failedOnly());
    answer(ctx, id);
  }

  private void answer(Context ctx, String id) {
    Http.answer(ctx, RunView.Full.class, database.read(s -> view.full(s, id)));
  }
}
