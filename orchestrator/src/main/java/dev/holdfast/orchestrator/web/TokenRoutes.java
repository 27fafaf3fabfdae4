package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.NewToken;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Users' tokens. */
final class TokenRoutes {
  private final Gate gate;
  private final Access access;
  private final Repositories repositories;

  TokenRoutes(Gate gate, Access access, Repositories repositories) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
  }

  /**
   * @param scope permissions; empty for as much as the token that asks
   */
  record Ask(
      Name name,
      Optional<Name> user,
      List<String> scope,
      Optional<Name> repository,
      Optional<Instant> expires) {}

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
    Caller caller = gate.caller(ctx);
    boolean all = Http.flag(ctx, "all");
    if (all) {
      gate.installation(ctx, Permission.MANAGE_TOKENS);
    }
    Http.answer(
        ctx,
        ShownAll.class,
        new ShownAll(
            Stream.of(Tokens.Kind.PERSON, Tokens.Kind.SESSION)
                .flatMap(kind -> access.tokens().list(kind).stream())
                .filter(token -> all || token.user().equals(Optional.of(caller.user().id())))
                .map(this::shown)
                .toList()));
  }

  private void make(Context ctx) {
    Ask asked = Http.body(ctx, Ask.class);
    Tokens.Made made =
        access
            .tokens()
            .make(
                gate.caller(ctx),
                new NewToken(
                    asked.name(),
                    asked.user(),
                    asked.scope().isEmpty()
                        ? Optional.empty()
                        : Optional.of(permissions(asked.scope())),
                    asked.repository().map(name -> repository(ctx, name)),
                    asked.expires()));
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

  private static Set<Permission> permissions(List<String> words) {
    var out = new LinkedHashSet<Permission>();
    for (String word : words) {
      out.add(
          Permission.named(word)
              .orElseThrow(() ->
                  new Problem(
                      400,
                      "scope: is "
                          + Quote.of(word)
                          + "; expected one of "
                          + Arrays.stream(Permission.values())
                              .map(Permission::word)
                              .collect(Collectors.joining(", ")))));
    }
    return out;
  }

  private Repository repository(Context ctx, Name name) {
    Caller caller = gate.caller(ctx);
    return repositories
        .byName(name)
        .filter(found -> caller.may(Permission.VIEW, Optional.of(found.id())))
        .orElseThrow(
            () -> new Problem(404, "there is no repository " + name + " that you may see"));
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
