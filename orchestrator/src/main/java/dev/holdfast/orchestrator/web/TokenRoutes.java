package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Users' tokens. */
final class TokenRoutes {
  private final Gate gate;
  private final Access access;
  private final Repositories repositories;
  private final AccessActions actions;

  TokenRoutes(Gate gate, Access access, Repositories repositories, AccessActions actions) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
    this.actions = actions;
  }

  record Made(String id, String name, String token, Optional<Instant> expires) {}

  record Shown(
      String id,
      String name,
      String user,
      List<String> scope,
      Optional<Name> repository,
      Instant created,
      Optional<Instant> expires,
      Optional<Instant> used) {}

  record ShownAll(List<Shown> tokens) {}

  record Revoked(String revoked) {}

  void on(Router router) {
    router.user(HandlerType.GET, "/api/v1/tokens", this::list);
    router.user(HandlerType.POST, "/api/v1/tokens", this::make);
    router.user(HandlerType.DELETE, "/api/v1/tokens/{id}", this::revoke);
  }

  private void list(Context ctx) {
    Http.answer(
        ctx,
        ShownAll.class,
        new ShownAll(
            actions.tokens(ctx, Http.flag(ctx, "all")).stream().map(this::shown).toList()));
  }

  private void make(Context ctx) {
    Tokens.Made made = actions.make(ctx, Http.body(ctx, AccessActions.Ask.class));
    Http.answer(
        ctx,
        201,
        Made.class,
        new Made(made.token().id(), made.token().name(), made.secret(), made.token().expires()));
  }

  private void revoke(Context ctx) {
    String id = ctx.pathParam("id");
    access.tokens().revoke(gate.caller(ctx), id);
    Http.answer(ctx, Revoked.class, new Revoked(id));
  }

  private Shown shown(Tokens.Token token) {
    return new Shown(
        token.id(),
        token.name(),
        access.directory().nameOf(token.user().orElse("")),
        token
            .scope()
            .permissions()
            .map(some -> some.stream().sorted().map(Permission::word).toList())
            .orElse(List.of()),
        token.scope().repository().flatMap(repositories::byId).map(Repository::name),
        token.created(),
        token.expires(),
        access.tokens().used(token));
  }
}
