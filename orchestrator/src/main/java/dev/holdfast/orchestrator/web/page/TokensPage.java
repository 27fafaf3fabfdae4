package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.AccessActions;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tokens and sessions: one's own, and everybody's for who may. What a new token is, is in the
 * answer to the form that made it and on no other page.
 */
final class TokensPage {
  private static final String PATH = Settings.PATH + "/tokens";

  private final Gate gate;
  private final Access access;
  private final Repositories repositories;
  private final AccessActions actions;

  TokensPage(Gate gate, Access access, Repositories repositories, AccessActions actions) {
    this.gate = gate;
    this.access = access;
    this.repositories = repositories;
    this.actions = actions;
  }

  /** For how long a new token is to be good. */
  enum Life {
    SESSION("session", "as long as this session"),
    HOUR("hour", "one hour");

    private final String key;
    private final String word;

    Life(String key, String word) {
      this.key = key;
      this.word = word;
    }

    String key() {
      return key;
    }

    String word() {
      return word;
    }

    private Optional<Instant> until(Instant now) {
      return switch (this) {
        case SESSION -> Optional.empty();
        case HOUR -> Optional.of(now.plus(Duration.ofHours(1)));
      };
    }

    private static Life of(String key) {
      return Arrays.stream(values())
          .filter(life -> life.key.equals(key))
          .findFirst()
          .orElseThrow(() -> new Problem(400, "life: choose one of these"));
    }
  }

  /**
   * A token or a session.
   *
   * @param scope what it is good for; empty for all that its user may do
   * @param here whether it is the session of whoever looks
   */
  record Line(
      Tokens.Token token,
      String user,
      List<String> scope,
      Optional<String> repository,
      Optional<Instant> used,
      boolean here) {
    boolean session() {
      return token.kind() == Tokens.Kind.SESSION;
    }

    String way() {
      return PATH + "/" + token.id() + "/revoke";
    }
  }

  /**
   * @param all whether everybody's are shown
   * @param of whose alone, of all
   * @param permissions that can be chosen, since whoever looks has them
   * @param until when their session ends, and what it makes with it
   */
  record View(
      List<Line> lines,
      boolean all,
      boolean mayAll,
      Optional<String> of,
      List<Permission> permissions,
      List<String> repositories,
      List<String> users,
      Optional<Instant> until,
      Set<String> chosen,
      Filled filled,
      Instant now) {
    List<Life> lives() {
      return Arrays.asList(Life.values());
    }
  }

  /** A token, the one time that it is shown. */
  record Made(String name, String user, String secret, Optional<Instant> expires, Instant now) {}

  /** To the minute. */
  static String until(Instant end) {
    return Times.whole(end).replaceFirst(":[0-9]{2} UTC$", " UTC");
  }

  void on(Router router) {
    router.user(HandlerType.GET, PATH, this::list);
    router.user(HandlerType.POST, PATH, this::make);
    router.user(HandlerType.POST, PATH + "/{id}/revoke", this::revoke);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    Caller caller = gate.caller(ctx);
    boolean all = Http.flag(ctx, "all");
    Optional<String> of = all ? Http.query(ctx, "user") : Optional.empty();
    boolean mayAll = caller.may(Permission.MANAGE_TOKENS, Optional.empty());
    var view =
        new View(
            actions.tokens(ctx, all).stream()
                .map(token -> line(caller, token))
                .filter(line -> of.isEmpty() || of.get().equals(line.user()))
                .toList(),
            all,
            mayAll,
            of,
            Arrays.stream(Permission.values()).filter(caller::maySomewhere).toList(),
            gate.among(ctx, Permission.VIEW, repositories.list()).stream()
                .map(Repository::name)
                .map(Name::value)
                .toList(),
            mayAll
                ? access.directory().users().stream()
                    .filter(User::enabled)
                    .map(user -> user.name().value())
                    .toList()
                : List.of(),
            gate.token(ctx).expires(),
            Set.copyOf(ctx.formParams("scope")),
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JtetokensGenerated.render(out, none, Settings.of(ctx, "Tokens", "tokens"), view));
  }

  private Line line(Caller caller, Tokens.Token token) {
    return new Line(
        token,
        access.directory().nameOf(token.user().orElse("")),
        token
            .scope()
            .permissions()
            .map(some -> some.stream().sorted().map(Permission::word).toList())
            .orElse(List.of()),
        token
            .scope()
            .repository()
            .map(
                id -> repositories.byId(id).map(Repository::name).map(Object::toString).orElse(id)),
        access.tokens().used(token),
        token.id().equals(caller.token()));
  }

  private void make(Context ctx) {
    Instant now = Router.asked(ctx).orElseThrow();
    var made = new java.util.ArrayList<Tokens.Made>();
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () ->
                made.add(
                    actions.make(
                        ctx,
                        new AccessActions.Ask(
                            Filled.neededName(ctx, "name"),
                            Filled.name(ctx, "user"),
                            List.copyOf(ctx.formParams("scope")),
                            Filled.name(ctx, "repository"),
                            Life.of(Filled.text(ctx, "life").orElse(Life.SESSION.key()))
                                .until(now)))),
            "name",
            "user",
            "repository",
            "life");
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Tokens.Made one = made.getFirst();
    var view =
        new Made(
            one.token().name(),
            access.directory().nameOf(one.token().user().orElse("")),
            one.secret(),
            one.token().expires(),
            now);
    Html.answer(
        ctx,
        (out, none) ->
            JtenewtokenGenerated.render(
                out, none, Settings.of(ctx, "A new token", "tokens"), view));
  }

  private void revoke(Context ctx) {
    Optional<Filled> refused =
        Filled.tried(ctx, () -> access.tokens().revoke(gate.caller(ctx), ctx.pathParam("id")));
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH + (Filled.text(ctx, "all").isPresent() ? "?all=true" : ""));
  }
}
