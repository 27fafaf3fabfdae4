package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.RefName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.OnRecord;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Badges, and the page that says how to show them. */
final class BadgePage {
  private static final String ENDING = ".svg";
  private static final String MAIN = "main";
  private static final int MOST_WORKFLOWS = 50;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Badges badges;
  private final OnRecord onRecord;

  BadgePage(
      Gate gate, Database database, Repositories repositories, Badges badges, OnRecord onRecord) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.badges = badges;
    this.onRecord = onRecord;
  }

  /** One badge; widths are of its text as it is set. */
  record Drawn(String left, String right, String colour) {
    private static final int LETTER = 7;
    private static final int MARGIN = 8;

    int leftWidth() {
      return left.length() * LETTER + 2 * MARGIN;
    }

    int rightWidth() {
      return right.length() * LETTER + 2 * MARGIN;
    }

    int width() {
      return leftWidth() + rightWidth();
    }
  }

  record View(
      String repository,
      boolean on,
      boolean shown,
      boolean maySwitch,
      String branch,
      List<String> workflows) {}

  void on(Router router) {
    router.open(HandlerType.GET, "/badge/{repository}/{file}", this::badge);
    router.repository(Permission.VIEW, HandlerType.GET, "/repositories/{name}/badges", this::show);
    router.repository(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.POST,
        "/repositories/{name}/badges",
        this::change);
  }

  private void badge(Context ctx) {
    Optional<Badges.Stand> stand = Optional.empty();
    String file = ctx.pathParam("file");
    String workflow =
        file.endsWith(ENDING) ? file.substring(0, file.length() - ENDING.length()) : "";
    try {
      stand =
          badges.of(
              new Name(ctx.pathParam("repository")),
              new Name(workflow),
              new RefName(Http.query(ctx, "branch").orElse(MAIN)));
    } catch (IllegalArgumentException _) {
      // What has no such name is not there, like everything that is not shown.
    }
    ctx.header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; sandbox")
        // Pages of others show it; there is nothing in it but what anybody may see.
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header("Cache-Control", stand.isPresent() ? "public, max-age=60" : "no-store");
    var drawn =
        stand
            .map(s -> new Drawn(workflow, s.word(), s.colour()))
            .orElseGet(() -> new Drawn("holdfast", "not shown", "#55625f"));
    Html.send(
        ctx,
        stand.isPresent() ? 200 : 404,
        "image/svg+xml; charset=utf-8",
        Html.text((out, none) -> JtebadgeGenerated.render(out, none, drawn))
            .getBytes(StandardCharsets.UTF_8));
  }

  private void show(Context ctx) {
    Repository repository = repository(ctx);
    List<String> workflows =
        database.read(s ->
            s.list(
                "SELECT DISTINCT workflow FROM (SELECT workflow FROM run WHERE repository_id = ?"
                    + " ORDER BY id DESC LIMIT 500) AS newest WHERE workflow NOT LIKE '.%' ORDER BY"
                    + " workflow LIMIT ?",
                row -> row.text("workflow"), repository.id(), MOST_WORKFLOWS));
    var view =
        new View(
            repository.name().value(),
            badges.on(repository),
            badges.shown(repository),
            gate.caller(ctx).may(Permission.MANAGE_REPOSITORIES, Optional.of(repository.id())),
            MAIN,
            workflows);
    Html.answer(
        ctx,
        (out, none) ->
            JtebadgesGenerated.render(
                out, none, Shell.of(ctx, "Badges of " + view.repository()), view));
  }

  private void change(Context ctx) {
    Repository repository = repository(ctx);
    boolean on = Objects.equals(ctx.formParam("on"), "true");
    database.write(s -> {
      Badges.set(s, repository, on);
      onRecord.done(
          s,
          ctx,
          "repository.badges",
          repository.id(),
          on ? "anybody may see how its branches stand" : "badges only if it is public");
      return true;
    });
    Html.go(ctx, "/repositories/" + repository.name() + "/badges");
  }

  private Repository repository(Context ctx) {
    Name name = Http.name(ctx);
    return repositories
        .byName(name)
        .orElseThrow(() -> new Problem(404, "there is no repository " + name));
  }
}
