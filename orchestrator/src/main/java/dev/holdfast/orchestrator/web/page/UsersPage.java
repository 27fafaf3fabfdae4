package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Identity;
import dev.holdfast.orchestrator.access.Team;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Users: who there is, what was granted to each, and which accounts at forges are theirs. */
final class UsersPage {
  private static final String PATH = Settings.PATH + "/users";
  private static final String ONE = PATH + "/{user}";

  private final Gate gate;
  private final Access access;
  private final Repositories repositories;

  UsersPage(Gate gate, Access access, Repositories repositories) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
  }

  /**
   * One of the list.
   *
   * @param may what was granted to them and to their teams, in words
   */
  record Line(User user, String way, List<String> may, int accounts) {}

  record View(List<Line> lines, Filled filled, Instant now) {}

  /** A team of theirs, and what they have by it. */
  record Through(String team, String way, List<String> may) {}

  /**
   * @param self whether it is whoever looks
   * @param tokens where their tokens are seen, for who may
   */
  record One(
      User user,
      List<GrantLine> grants,
      List<Through> teams,
      List<Identity> accounts,
      boolean self,
      Optional<String> tokens,
      GrantsPage.Form form,
      Filled filled,
      Instant now) {
    /** Where a form that does {@code what} is sent. */
    String way(String what) {
      return PATH + "/" + user.name() + "/" + what;
    }
  }

  void on(Router router) {
    var manage = Permission.MANAGE_USERS;
    router.installation(manage, HandlerType.GET, PATH, this::list);
    router.installation(manage, HandlerType.POST, PATH, this::add);
    router.installation(manage, HandlerType.GET, ONE, this::show);
    router.installation(manage, HandlerType.POST, ONE + "/disable", this::disable);
    router.installation(manage, HandlerType.POST, ONE + "/enable", this::enable);
    router.installation(manage, HandlerType.POST, ONE + "/unlink", this::unlink);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    Directory now = access.directory();
    Caller caller = gate.caller(ctx);
    List<Line> lines =
        now.users().stream()
            .map(user ->
                new Line(
                    user,
                    PATH + "/" + user.name(),
                    now.held().stream()
                        .filter(held ->
                            held.holder().equals(user.id())
                                || teams(now, user).stream()
                                    .anyMatch(team -> team.id().equals(held.holder())))
                        .map(held -> GrantLine.of(now, repositories, caller, held).words())
                        .distinct()
                        .toList(),
                    (int)
                        now.identities().stream()
                            .filter(identity -> identity.user().equals(user.id()))
                            .count()))
            .toList();
    var view = new View(lines, filled, Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteusersGenerated.render(out, none, Settings.of(ctx, "Users", "users"), view));
  }

  private static List<Team> teams(Directory now, User user) {
    return now.teams().stream().filter(team -> team.members().contains(user.id())).toList();
  }

  private void add(Context ctx) {
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> access.members().add(gate.caller(ctx), Filled.neededName(ctx, "name")),
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
    User user = user(now, name(ctx));
    var view =
        new One(
            user,
            grants(now, caller, user.id()),
            through(now, caller, user),
            now.identities().stream()
                .filter(identity -> identity.user().equals(user.id()))
                .toList(),
            user.id().equals(caller.user().id()),
            caller.may(Permission.MANAGE_TOKENS, Optional.empty())
                ? Optional.of(Settings.PATH + "/tokens?all=true&user=" + user.name())
                : Optional.empty(),
            GrantsPage.form(caller, now, repositories),
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteuserGenerated.render(
                out, none, Settings.of(ctx, user.name().value(), "users"), view));
  }

  private List<GrantLine> grants(Directory now, Caller caller, String holder) {
    return now.held().stream()
        .filter(held -> held.holder().equals(holder))
        .map(held -> GrantLine.of(now, repositories, caller, held))
        .toList();
  }

  private List<Through> through(Directory now, Caller caller, User user) {
    return teams(now, user).stream()
        .map(team ->
            new Through(
                team.name().value(),
                Settings.PATH + "/teams/" + team.name(),
                grants(now, caller, team.id()).stream().map(GrantLine::words).toList()))
        .toList();
  }

  private void disable(Context ctx) {
    change(
        ctx,
        () -> {
          Filled.sure(ctx);
          access.members().disable(gate.caller(ctx), name(ctx));
        });
  }

  private void enable(Context ctx) {
    change(ctx, () -> access.members().enable(gate.caller(ctx), name(ctx)));
  }

  private void unlink(Context ctx) {
    change(
        ctx,
        () -> {
          Filled.sure(ctx);
          access.identities().unlink(gate.caller(ctx), Filled.needed(ctx, "identity"));
        });
  }

  private void change(Context ctx, Filled.Doing doing) {
    // Of who there is: where there is nobody, nothing but that is said.
    var _ = user(access.directory(), name(ctx));
    Optional<Filled> refused = Filled.tried(ctx, doing);
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH + "/" + name(ctx));
  }

  private static User user(Directory now, Name name) {
    return now.user(name).orElseThrow(() -> new Problem(404, "there is no user " + name));
  }

  private static Name name(Context ctx) {
    return new Name(ctx.pathParam("user"));
  }
}
