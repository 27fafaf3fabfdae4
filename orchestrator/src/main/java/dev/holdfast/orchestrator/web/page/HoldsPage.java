package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hold.Hold;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What waits for people in all repositories that somebody may see, and what they said. */
final class HoldsPage {
  private static final int ON_A_PAGE = 50;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Runs runs;
  private final InstantSource clock;

  HoldsPage(
      Gate gate, Database database, Repositories repositories, Runs runs, InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.runs = runs;
    this.clock = clock;
  }

  /**
   * One of them.
   *
   * @param given how many approvals there are
   * @param wanted how many it takes; empty where none releases it
   * @param ended who ended it
   * @param why it ended
   */
  record Line(
      Hold hold,
      String repository,
      Run run,
      Optional<Contributor> contributor,
      long given,
      Optional<Integer> wanted,
      Optional<String> ended,
      Optional<String> why) {
    String title() {
      return hold.pullRequest().map(number -> "pull request " + number).orElse(run.ref());
    }

    String waits() {
      return hold.step()
          .map(step -> "step " + (step + 1) + " of " + hold.job().map(Name::value).orElse(""))
          .or(() -> hold.job().map(job -> "job " + job))
          .orElse("");
    }

    String state() {
      return Http.word(hold.state());
    }
  }

  /**
   * @param over whether it shows those that ended
   * @param repository the only one; empty for all
   */
  record View(
      boolean over,
      String repository,
      List<String> repositories,
      List<Line> lines,
      Optional<String> more,
      Instant now) {
    /** The page of this or the other kind, with the filter that there is. */
    String way(boolean ended) {
      String query = ended ? "state=over" : "";
      if (!repository.isEmpty()) {
        query +=
            (query.isEmpty() ? "" : "&")
                + "repository="
                + URLEncoder.encode(repository, StandardCharsets.UTF_8);
      }
      return query.isEmpty() ? "/holds" : "/holds?" + query;
    }
  }

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/holds", this::show);
  }

  private void show(Context ctx) {
    boolean over =
        switch (Http.query(ctx, "state").orElse("held")) {
          case "held" -> false;
          case "over" -> true;
          default -> throw new Problem(400, "holds are held or over");
        };
    List<Repository> seen = gate.among(ctx, Permission.VIEW, repositories.list());
    String asked = Http.query(ctx, "repository").orElse("");
    Optional<String> before = Http.query(ctx, "before");
    View shown = database.read(s -> view(s, ctx, over, asked, before, seen));
    Html.answer(
        ctx,
        (out, none) ->
            JteholdsGenerated.render(
                out, none, Shell.of(ctx, over ? "Holds that are over" : "What waits"), shown));
  }

  private View view(
      Session s,
      Context ctx,
      boolean over,
      String asked,
      Optional<String> before,
      List<Repository> seen)
      throws SQLException {
    // Who sees all of the installation sees what removed repositories left as well.
    boolean all = gate.caller(ctx).may(Permission.VIEW, Optional.empty());
    var sql =
        new StringBuilder("SELECT * FROM hold WHERE ")
            .append(over ? "state <> 'HELD'" : "state = 'HELD'");
    var parameters = new ArrayList<Object>();
    if (!asked.isEmpty()) {
      sql.append(" AND repository_id = ?");
      parameters.add(
          seen.stream()
              .filter(r -> r.name().value().equals(asked))
              .map(Repository::id)
              .findFirst()
              // Also what is not to be seen: whether it is there is not said.
              .orElse(""));
    } else if (!all) {
      sql.append(" AND ? LIKE '% ' || repository_id || ' %'");
      parameters.add(" " + String.join(" ", gate.viewable(ctx)) + " ");
    }
    // What waits longest comes first; of what is over, what ended last was made last as a rule.
    if (before.isPresent()) {
      sql.append(over ? " AND id < ?" : " AND id > ?");
      parameters.add(before.get());
    }
    sql.append(" ORDER BY id").append(over ? " DESC" : "").append(" LIMIT ?");
    parameters.add(ON_A_PAGE + 1);
    List<Hold> found = s.list(sql.toString(), Hold::of, parameters.toArray());
    boolean more = found.size() > ON_A_PAGE;
    var lines = new ArrayList<Line>();
    for (Hold hold : more ? found.subList(0, ON_A_PAGE) : found) {
      lines.add(line(s, hold));
    }
    var view =
        new View(
            over,
            asked,
            seen.stream().map(r -> r.name().value()).toList(),
            lines,
            Optional.empty(),
            clock.instant());
    if (!more) {
      return view;
    }
    String way = view.way(over);
    return new View(
        over,
        asked,
        view.repositories(),
        lines,
        Optional.of(
            way + (way.contains("?") ? "&" : "?") + "before=" + lines.getLast().hold().id()),
        view.now());
  }

  private Line line(Session s, Hold hold) throws SQLException {
    return new Line(
        hold,
        repositories.byId(hold.repository()).map(r -> r.name().value()).orElse(hold.repository()),
        runs.find(s, hold.run()),
        Holds.contributor(s, hold),
        s.first(
                "SELECT count(*) AS given FROM approval WHERE hold_id = ?",
                row -> row.number("given"),
                hold.id())
            .orElse(0L),
        hold.asked().release() instanceof Release.Approval asked
            ? Optional.of(asked.count())
            : Optional.empty(),
        hold.endedBy().map(gate::nameOf),
        hold.why().map(why -> HoldWords.named(why, gate::nameOf, id -> id)));
  }
}
