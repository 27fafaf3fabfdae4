package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.RunView;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs of all repositories that somebody may see, newest first. */
final class RunsPage {
  private static final int ON_A_PAGE = 50;
  private static final String ALL = "SELECT * FROM run WHERE id < ?";
  private static final List<String> FILTERS =
      List.of("repository", "branch", "workflow", "state", "trust", "person");

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final RunView view;
  private final Live live;

  RunsPage(Gate gate, Database database, Repositories repositories, RunView view, Live live) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.view = view;
    this.live = live;
  }

  /**
   * What was asked for.
   *
   * @param given by the name of the filter
   */
  record Filter(Map<String, String> given) {
    String of(String name) {
      return Objects.requireNonNullElse(given.get(name), "");
    }

    boolean any() {
      return !given.isEmpty();
    }

    /** The page with these filters, and {@code name} as {@code value}; without it where empty. */
    String with(String name, String value) {
      var all = new LinkedHashMap<>(given);
      all.put(name, value);
      String query =
          all.entrySet().stream()
              .filter(e -> !e.getValue().isEmpty())
              .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
              .collect(Collectors.joining("&"));
      return query.isEmpty() ? "/runs" : "/runs?" + query;
    }
  }

  /**
   * A run.
   *
   * @param usual how long it takes otherwise; empty where that is not known
   */
  record Line(RunView.Brief run, Optional<Trust> trust, Optional<Duration> usual) {
    String state() {
      return Http.word(run.state());
    }

    /** How long it took, or takes until now. */
    Optional<Duration> took(Instant now) {
      return run.started().map(from -> Duration.between(from, run.finished().orElse(now)));
    }

    /** Since when it runs, for a clock that goes on. */
    @org.jspecify.annotations.Nullable
    Long since() {
      return run.state() == RunState.RUNNING && run.started().isPresent()
          ? Long.valueOf(run.started().get().toEpochMilli())
          : null;
    }

    /** What part of the usual time it took, in hundredths, at most 200. */
    int part(Instant now) {
      long took = took(now).map(Duration::toMillis).orElse(0L);
      return (int)
          Math.min(200, took * 100 / Math.max(1, usual.map(Duration::toMillis).orElse(1L)));
    }
  }

  /** Runs of one commit that were made one after the other. */
  record Group(String id, String repository, RunView.What what, Instant created, List<Line> lines) {
    String from() {
      return switch (what.kind()) {
        case "pull-request" -> "pull request";
        default -> what.kind();
      };
    }
  }

  /**
   * @param older where the page goes on; empty at the end
   */
  record View(
      Filter filter,
      List<Group> groups,
      Optional<String> older,
      List<String> repositories,
      List<String> workflows,
      Instant now) {}

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/runs", this::show);
    router.somewhere(Permission.VIEW, HandlerType.GET, "/live/runs", this::listen);
  }

  private void show(Context ctx) {
    List<Repository> seen = gate.among(ctx, Permission.VIEW, repositories.list());
    var given = new LinkedHashMap<String, String>();
    FILTERS.forEach(name -> Http.query(ctx, name).ifPresent(value -> given.put(name, value)));
    Instant now = Router.asked(ctx).orElseThrow();
    View shown = database.read(s -> view(s, ctx, new Filter(given), seen, now));
    Html.answer(
        ctx,
        (out, none) ->
            JterunsGenerated.render(out, none, Shell.of(ctx, "Runs").live("/live/runs"), shown));
  }

  private View view(Session s, Context ctx, Filter filter, List<Repository> seen, Instant now)
      throws SQLException {
    var sql = new StringBuilder(ALL);
    var parameters = new ArrayList<Object>();
    parameters.add(Http.query(ctx, "before").orElse("~"));
    if (!filter.of("repository").isEmpty()) {
      sql.append(" AND repository_id = ?");
      parameters.add(
          seen.stream()
              .filter(r -> r.name().value().equals(filter.of("repository")))
              .map(Repository::id)
              .findFirst()
              // Also what is not to be seen: whether it is there is not said.
              .orElse(""));
    } else if (!gate.caller(ctx).may(Permission.VIEW, Optional.empty())) {
      sql.append(" AND ? LIKE '% ' || repository_id || ' %'");
      parameters.add(" " + String.join(" ", gate.viewable(ctx)) + " ");
    }
    equal(filter, "workflow", "workflow", sql, parameters);
    equal(filter, "person", "person", sql, parameters);
    equal(filter, "branch", "ref", sql, parameters);
    constant(filter, "state", RunState.values(), sql, parameters);
    constant(filter, "trust", Trust.values(), sql, parameters);
    sql.append(" ORDER BY id DESC LIMIT ?");
    parameters.add(ON_A_PAGE + 1);
    List<Run> runs = s.list(sql.toString(), Run::of, parameters.toArray());
    boolean more = runs.size() > ON_A_PAGE;
    List<Run> shown = more ? runs.subList(0, ON_A_PAGE) : runs;
    return new View(
        filter,
        groups(s, shown),
        more ? Optional.of(filter.with("before", shown.getLast().id())) : Optional.empty(),
        seen.stream().map(r -> r.name().value()).toList(),
        workflows(s, seen),
        now);
  }

  private static void equal(
      Filter filter, String name, String column, StringBuilder sql, List<Object> parameters) {
    if (!filter.of(name).isEmpty()) {
      sql.append(" AND ").append(column).append(" = ?");
      parameters.add(filter.of(name));
    }
  }

  private static void constant(
      Filter filter, String name, Enum<?>[] constants, StringBuilder sql, List<Object> parameters) {
    String word = filter.of(name);
    if (!word.isEmpty()) {
      String constant = word.toUpperCase(Locale.ROOT);
      if (List.of(constants).stream().noneMatch(c -> c.name().equals(constant))) {
        throw new Problem(400, "nothing has that " + name);
      }
      sql.append(" AND ").append(name).append(" = ?");
      parameters.add(constant);
    }
  }

  /** The names of workflows that ran lately, to choose from. */
  private static List<String> workflows(Session s, List<Repository> seen) throws SQLException {
    String ids = " " + seen.stream().map(Repository::id).collect(Collectors.joining(" ")) + " ";
    return s.list(
        "SELECT DISTINCT workflow FROM (SELECT workflow, repository_id FROM run ORDER BY id DESC"
            + " LIMIT 500) AS newest WHERE ? LIKE '% ' || repository_id || ' %' ORDER BY workflow"
            + " LIMIT 50",
        row -> row.text("workflow"), ids);
  }

  private List<Group> groups(Session s, List<Run> runs) throws SQLException {
    var usual = new HashMap<String, Optional<Duration>>();
    var groups = new ArrayList<Group>();
    for (Run run : runs) {
      RunView.Brief brief = view.brief(s, run);
      String key = run.repository() + " " + run.workflow() + " " + run.ref();
      if (!usual.containsKey(key)) {
        usual.put(key, Usual.of(s, run));
      }
      var line = new Line(brief, run.trust(), Objects.requireNonNull(usual.get(key)));
      Group last = groups.isEmpty() ? null : groups.getLast();
      if (last != null
          && last.repository().equals(brief.repository())
          && last.what().commit().equals(run.commit())
          && last.what().ref().equals(run.ref())) {
        last.lines().add(line);
      } else {
        var lines = new ArrayList<Line>();
        lines.add(line);
        groups.add(
            new Group("g-" + run.id(), brief.repository(), brief.event(), run.created(), lines));
      }
    }
    return groups;
  }

  private void listen(Context ctx) throws IOException, InterruptedException {
    boolean all = gate.caller(ctx).may(Permission.VIEW, Optional.empty());
    List<String> ids = gate.viewable(ctx);
    live.changes(
        ctx,
        null,
        run ->
            all
                || database
                    .read(s ->
                        s.first(
                            "SELECT repository_id FROM run WHERE id = ?",
                            row -> row.text("repository_id"),
                            run))
                    .filter(ids::contains)
                    .isPresent());
  }
}
