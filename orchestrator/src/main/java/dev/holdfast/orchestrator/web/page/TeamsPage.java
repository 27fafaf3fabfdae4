package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Team;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Optional;

/** Teams: who is in each, and what its members have by it. */
final class TeamsPage {
  private static final String PATH = Settings.PATH + "/teams";
  private static final String ONE = PATH + "/{team}";

  private final Gate gate;
  private final Access access;
  private final Repositories repositories;

  TeamsPage(Gate gate, Access access, Repositories repositories) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
  }

  /** One of the list. */
  record Line(String name, String way, int members, List<String> may) {}

  record View(List<Line> lines, Filled filled) {}

  /** A member. */
  record Member(String name, String way, boolean enabled) {}

  /**
   * @param others who could join it
   */
  record One(
      Team team,
      List<Member> members,
      List<GrantLine> grants,
      List<String> others,
      GrantsPage.Form form,
      Filled filled) {
    /** Where a form that does {@code what} is sent. */
    String way(String what) {
      return PATH + "/" + team.name() + "/" + what;
    }
  }

  void on(Router router) {
    var manage = Permission.MANAGE_USERS;
    router.installation(manage, HandlerType.GET, PATH, this::list);
    router.installation(manage, HandlerType.POST, PATH, this::add);
    router.installation(manage, HandlerType.GET, ONE, this::show);
    router.installation(manage, HandlerType.POST, ONE + "/join", this::join);
    router.installation(manage, HandlerType.POST, ONE + "/leave", this::leave);
    router.installation(manage, HandlerType.POST, ONE + "/remove", this::remove);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    Directory now = access.directory();
    Caller caller = gate.caller(ctx);
    var view =
        new View(
            now.teams().stream()
                .map(team ->
                    new Line(
                        team.name().value(),
                        PATH + "/" + team.name(),
                        team.members().size(),
                        grants(now, caller, team).stream().map(GrantLine::words).toList()))
                .toList(),
            filled);
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteteamsGenerated.render(out, none, Settings.of(ctx, "Teams", "teams"), view));
  }

  private List<GrantLine> grants(Directory now, Caller caller, Team team) {
    return now.held().stream()
        .filter(held -> held.holder().equals(team.id()))
        .map(held -> GrantLine.of(now, repositories, caller, held))
        .toList();
  }

  private void add(Context ctx) {
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> access.members().addTeam(gate.caller(ctx), Filled.neededName(ctx, "name")),
            "name");
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH + "/" + Filled.neededName(ctx, "name"));
  }

  private void show(Context ctx) {
    show(ctx, Filled.NOTHING);
  }

  private void show(Context ctx, Filled filled) {
    Directory now = access.directory();
    Caller caller = gate.caller(ctx);
    Team team = team(now, name(ctx));
    var view =
        new One(
            team,
            now.users().stream()
                .filter(user -> team.members().contains(user.id()))
                .map(user ->
                    new Member(
                        user.name().value(),
                        Settings.PATH + "/users/" + user.name(),
                        user.enabled()))
                .toList(),
            grants(now, caller, team),
            now.users().stream()
                .filter(user -> !team.members().contains(user.id()))
                .map(user -> user.name().value())
                .toList(),
            GrantsPage.form(caller, now, repositories),
            filled);
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteteamGenerated.render(
                out, none, Settings.of(ctx, team.name().value(), "teams"), view));
  }

  private void join(Context ctx) {
    change(
        ctx,
        () -> access.members().join(gate.caller(ctx), name(ctx), Filled.neededName(ctx, "user")),
        "user");
  }

  private void leave(Context ctx) {
    change(
        ctx,
        () -> access.members().leave(gate.caller(ctx), name(ctx), Filled.neededName(ctx, "user")));
  }

  private void remove(Context ctx) {
    // Of what there is: where there is none, nothing but that is said.
    var _ = team(access.directory(), name(ctx));
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> {
              Filled.sure(ctx);
              access.members().removeTeam(gate.caller(ctx), name(ctx));
            });
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH);
  }

  private void change(Context ctx, Filled.Doing doing, String... fields) {
    var _ = team(access.directory(), name(ctx));
    Optional<Filled> refused = Filled.tried(ctx, doing, fields);
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH + "/" + name(ctx));
  }

  private static Team team(Directory now, Name name) {
    return now.team(name).orElseThrow(() -> new Problem(404, "there is no team " + name));
  }

  private static Name name(Context ctx) {
    return new Name(ctx.pathParam("team"));
  }
}
