package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Held;
import dev.holdfast.orchestrator.access.Identity;
import dev.holdfast.orchestrator.access.Team;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Users, teams, what was granted to them, and the accounts that are theirs. */
final class UserRoutes {
  private final Gate gate;
  private final Access access;
  private final Repositories repositories;
  private final AccessActions actions;

  UserRoutes(Gate gate, Access access, Repositories repositories, AccessActions actions) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
    this.actions = actions;
  }

  record Named(Name name) {}

  record Asked(Name to, String what, Optional<Name> repository) {}

  record ShownGrant(String to, String what, Optional<Name> repository) {}

  record ShownGrants(List<ShownGrant> grants) {}

  record ShownIdentity(String id, String forge, String account, String name, Instant linked) {}

  record ShownUser(
      String id,
      Name name,
      Instant created,
      Optional<Instant> disabled,
      List<ShownGrant> grants,
      List<ShownIdentity> identities) {}

  record ShownUsers(List<ShownUser> users) {}

  record ShownTeam(String id, Name name, List<Name> members, List<ShownGrant> grants) {}

  record ShownTeams(List<ShownTeam> teams) {}

  /** What the token of this call is good for, in one place. */
  record Place(Optional<Name> repository, List<String> permissions) {}

  record Myself(ShownUser user, String token, List<Place> may) {}

  record Gone(String removed) {}

  void on(Router router) {
    router.user(HandlerType.GET, "/api/v1/whoami", this::myself);
    var manage = Permission.MANAGE_USERS;
    router.installation(manage, HandlerType.GET, "/api/v1/users", this::users);
    router.installation(manage, HandlerType.POST, "/api/v1/users", this::add);
    router.installation(manage, HandlerType.POST, "/api/v1/users/{user}/disable", this::disable);
    router.installation(manage, HandlerType.POST, "/api/v1/users/{user}/enable", this::enable);
    router.installation(manage, HandlerType.GET, "/api/v1/teams", this::teams);
    router.installation(manage, HandlerType.POST, "/api/v1/teams", this::addTeam);
    router.installation(manage, HandlerType.DELETE, "/api/v1/teams/{team}", this::removeTeam);
    router.installation(manage, HandlerType.PUT, "/api/v1/teams/{team}/members/{user}", this::join);
    router.installation(
        manage, HandlerType.DELETE, "/api/v1/teams/{team}/members/{user}", this::leave);
    router.somewhere(manage, HandlerType.GET, "/api/v1/grants", this::grants);
    router.somewhere(manage, HandlerType.POST, "/api/v1/grants", this::grant);
    router.somewhere(manage, HandlerType.POST, "/api/v1/grants/revoke", this::revoke);
    router.installation(manage, HandlerType.DELETE, "/api/v1/identities/{identity}", this::unlink);
  }

  private void myself(Context ctx) {
    Caller caller = gate.caller(ctx);
    var places = new java.util.ArrayList<Place>();
    place(caller, Optional.empty()).ifPresent(places::add);
    for (String id : gate.viewable(ctx)) {
      repositories.byId(id).flatMap(r -> place(caller, Optional.of(r))).ifPresent(places::add);
    }
    Http.answer(
        ctx,
        Myself.class,
        new Myself(shown(access.directory(), caller.user()), caller.token(), places));
  }

  private static Optional<Place> place(Caller caller, Optional<Repository> repository) {
    List<String> permissions =
        Arrays.stream(Permission.values())
            .filter(p -> caller.may(p, repository.map(Repository::id)))
            .map(Permission::word)
            .toList();
    return permissions.isEmpty()
        ? Optional.empty()
        : Optional.of(new Place(repository.map(Repository::name), permissions));
  }

  private void users(Context ctx) {
    Directory now = access.directory();
    Http.answer(
        ctx,
        ShownUsers.class,
        new ShownUsers(now.users().stream().map(user -> shown(now, user)).toList()));
  }

  private void add(Context ctx) {
    User user = access.members().add(gate.caller(ctx), Http.body(ctx, Named.class).name());
    Http.answer(ctx, 201, ShownUser.class, shown(access.directory(), user));
  }

  private void disable(Context ctx) {
    User user = access.members().disable(gate.caller(ctx), part(ctx, "user"));
    Http.answer(ctx, ShownUser.class, shown(access.directory(), user));
  }

  private void enable(Context ctx) {
    User user = access.members().enable(gate.caller(ctx), part(ctx, "user"));
    Http.answer(ctx, ShownUser.class, shown(access.directory(), user));
  }

  private void teams(Context ctx) {
    Directory now = access.directory();
    Http.answer(
        ctx,
        ShownTeams.class,
        new ShownTeams(now.teams().stream().map(team -> shown(now, team)).toList()));
  }

  private void addTeam(Context ctx) {
    Team team = access.members().addTeam(gate.caller(ctx), Http.body(ctx, Named.class).name());
    Http.answer(ctx, 201, ShownTeam.class, shown(access.directory(), team));
  }

  private void removeTeam(Context ctx) {
    Name team = part(ctx, "team");
    access.members().removeTeam(gate.caller(ctx), team);
    Http.answer(ctx, Gone.class, new Gone(team.value()));
  }

  private void join(Context ctx) {
    Name team = part(ctx, "team");
    access.members().join(gate.caller(ctx), team, part(ctx, "user"));
    answer(ctx, team);
  }

  private void leave(Context ctx) {
    Name team = part(ctx, "team");
    access.members().leave(gate.caller(ctx), team, part(ctx, "user"));
    answer(ctx, team);
  }

  private void answer(Context ctx, Name team) {
    Directory now = access.directory();
    Http.answer(
        ctx,
        ShownTeam.class,
        now.team(team)
            .map(found -> shown(now, found))
            .orElseThrow(() -> new Problem(404, "the team " + team + " was removed meanwhile")));
  }

  private void grants(Context ctx) {
    Directory now = access.directory();
    Http.answer(
        ctx,
        ShownGrants.class,
        new ShownGrants(actions.grants(ctx).stream().map(held -> shown(now, held)).toList()));
  }

  private void grant(Context ctx) {
    Asked asked = Http.body(ctx, Asked.class);
    Held held = actions.grant(ctx, asked.to(), asked.what(), asked.repository());
    Http.answer(ctx, 201, ShownGrant.class, shown(access.directory(), held));
  }

  private void revoke(Context ctx) {
    Asked asked = Http.body(ctx, Asked.class);
    actions.revoke(ctx, asked.to(), asked.what(), asked.repository());
    Http.answer(
        ctx,
        ShownGrant.class,
        new ShownGrant(asked.to().value(), asked.what(), asked.repository()));
  }

  private void unlink(Context ctx) {
    String id = ctx.pathParam("identity");
    access.identities().unlink(gate.caller(ctx), id);
    Http.answer(ctx, Gone.class, new Gone(id));
  }

  private static Name part(Context ctx, String name) {
    return new Name(ctx.pathParam(name));
  }

  private ShownUser shown(Directory now, User user) {
    return new ShownUser(
        user.id(),
        user.name(),
        user.created(),
        user.disabled(),
        of(
            now,
            user.id(),
            now.teams().stream().filter(t -> t.members().contains(user.id())).toList()),
        now.identities().stream()
            .filter(identity -> identity.user().equals(user.id()))
            .map(UserRoutes::shown)
            .toList());
  }

  private ShownTeam shown(Directory now, Team team) {
    return new ShownTeam(
        team.id(),
        team.name(),
        team.members().stream().map(now::nameOf).sorted().map(Name::new).toList(),
        of(now, team.id(), List.of()));
  }

  private List<ShownGrant> of(Directory now, String holder, List<Team> teams) {
    return now.held().stream()
        .filter(held ->
            held.holder().equals(holder)
                || teams.stream().anyMatch(team -> team.id().equals(held.holder())))
        .map(held -> shown(now, held))
        .toList();
  }

  private ShownGrant shown(Directory now, Held held) {
    Grant grant = held.grant();
    return new ShownGrant(
        now.nameOf(held.holder()),
        grant.what().word(),
        grant.repository().flatMap(repositories::byId).map(Repository::name));
  }

  private static ShownIdentity shown(Identity identity) {
    return new ShownIdentity(
        identity.id(), identity.forge(), identity.account(), identity.name(), identity.linked());
  }
}
