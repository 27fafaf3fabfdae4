package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.AccessActions;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who may do what and where, as far as whoever looks may change it. */
final class GrantsPage {
  private static final String PATH = Settings.PATH + "/grants";

  private final Gate gate;
  private final Access access;
  private final Repositories repositories;
  private final AccessActions actions;

  GrantsPage(Gate gate, Access access, Repositories repositories, AccessActions actions) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
    this.actions = actions;
  }

  /**
   * What the form to grant has to choose from.
   *
   * @param holders names, where whoever looks may see them all
   * @param repositories those where they may grant
   * @param everywhere whether they may grant for the installation
   */
  record Form(List<String> holders, List<String> repositories, boolean everywhere) {
    List<Role> roles() {
      return Arrays.asList(Role.values());
    }

    List<Permission> permissions() {
      return Arrays.asList(Permission.values());
    }
  }

  record View(List<GrantLine> lines, Form form, Filled filled) {
    /** What a role lets somebody do. */
    static String permissions(Grantable what) {
      return what.permissions().stream()
          .sorted()
          .map(Permission::word)
          .collect(Collectors.joining(", "));
    }
  }

  /** Where a form comes from, and whoever sent it is led back to. */
  private enum Back {
    GRANTS,
    USERS,
    TEAMS
  }

  void on(Router router) {
    var manage = Permission.MANAGE_USERS;
    router.somewhere(manage, HandlerType.GET, PATH, this::show);
    router.somewhere(manage, HandlerType.POST, PATH, this::grant);
    router.somewhere(manage, HandlerType.POST, PATH + "/revoke", this::revoke);
  }

  static Form form(Caller caller, Directory now, Repositories repositories) {
    boolean everywhere = caller.may(Permission.MANAGE_USERS, Optional.empty());
    return new Form(
        everywhere
            ? Stream.concat(
                    now.users().stream().map(user -> user.name().value()),
                    now.teams().stream().map(team -> team.name().value()))
                .sorted()
                .toList()
            : List.of(),
        repositories.list().stream()
            .filter(one -> caller.may(Permission.MANAGE_USERS, Optional.of(one.id())))
            .map(Repository::name)
            .map(Name::value)
            .sorted()
            .toList(),
        everywhere);
  }

  private void show(Context ctx) {
    show(ctx, Filled.NOTHING);
  }

  private void show(Context ctx, Filled filled) {
    Caller caller = gate.caller(ctx);
    Directory now = access.directory();
    var view =
        new View(
            actions.grants(ctx).stream()
                .map(held -> GrantLine.of(now, repositories, caller, held))
                .sorted(Comparator.comparing(GrantLine::holder).thenComparing(GrantLine::words))
                .toList(),
            form(caller, now, repositories),
            filled);
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JtegrantsGenerated.render(
                out, none, Settings.of(ctx, "Who may do what", "grants"), view));
  }

  private void grant(Context ctx) {
    change(
        ctx,
        () ->
            actions.grant(
                ctx,
                Filled.neededName(ctx, "to"),
                Filled.needed(ctx, "what"),
                Filled.name(ctx, "repository")));
  }

  private void revoke(Context ctx) {
    change(
        ctx,
        () ->
            actions.revoke(
                ctx,
                Filled.neededName(ctx, "to"),
                Filled.needed(ctx, "what"),
                Filled.name(ctx, "repository")));
  }

  private void change(Context ctx, Filled.Doing doing) {
    Optional<Filled> refused = Filled.tried(ctx, doing, "to", "what", "repository");
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    String to = Filled.needed(ctx, "to");
    Html.go(
        ctx,
        switch (back(ctx)) {
          case GRANTS -> PATH;
          case USERS -> Settings.PATH + "/users/" + Place.encoded(to);
          case TEAMS -> Settings.PATH + "/teams/" + Place.encoded(to);
        });
  }

  private static Back back(Context ctx) {
    String asked = Filled.text(ctx, "back").orElse("");
    return asked.equals("users") ? Back.USERS : asked.equals("teams") ? Back.TEAMS : Back.GRANTS;
  }
}
