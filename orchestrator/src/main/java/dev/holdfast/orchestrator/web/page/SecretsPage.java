package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.environment.EnvironmentScope;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.secret.SecretRefused;
import dev.holdfast.orchestrator.secret.SecretScope;
import dev.holdfast.orchestrator.secret.Secrets;
import dev.holdfast.orchestrator.secret.SeenBy;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.SecretActions;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * Secrets of a repository or an organisation. A value is only ever in what a browser sends: no page
 * of these has a place where one could be shown, and a form that is refused is shown without it.
 */
final class SecretsPage {
  private static final int MOST_SEEN = 200;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Environments environments;
  private final Secrets secrets;
  private final SeenBy seenBy;
  private final SecretActions actions;

  SecretsPage(
      Gate gate,
      Database database,
      Repositories repositories,
      Environments environments,
      Secrets secrets,
      SeenBy seenBy,
      SecretActions actions) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.environments = environments;
    this.secrets = secrets;
    this.seenBy = seenBy;
    this.actions = actions;
  }

  /** A version, in words. */
  record Line(Secrets.Version version, String by, Optional<String> purgedBy) {
    boolean vault() {
      return version.source().equals("vault");
    }
  }

  /**
   * The secrets of one scope.
   *
   * @param environment empty for the whole of the repository or organisation
   */
  record Group(Optional<String> environment, List<Line> lines) {}

  /**
   * @param environments those there are, to choose from
   */
  record View(
      Place place,
      List<Group> groups,
      List<String> environments,
      boolean maySet,
      Filled filled,
      Instant now) {
    String way(Group group, Line line) {
      return SecretsPage.way(place, line.version().name(), group.environment());
    }
  }

  record One(
      Place place,
      SecretName name,
      Optional<String> environment,
      List<Line> versions,
      List<SeenBy.Sight> seen,
      boolean allSeen,
      boolean maySet,
      Filled filled,
      Instant now) {
    boolean removed() {
      return versions.getFirst().version().removed().isPresent();
    }

    /** Where a form that does {@code what} is sent. */
    String way(String what) {
      String path = SecretsPage.way(place, name, environment);
      int query = path.indexOf('?');
      return path.substring(0, query) + "/" + what + path.substring(query);
    }

    /** Whether there is something that a purge would destroy. */
    boolean holds() {
      return versions.stream()
          .anyMatch(line -> line.purgedBy().isEmpty() && (removed() || !line.version().newest()));
    }
  }

  private static String way(Place place, SecretName name, Optional<String> environment) {
    return Settings.PATH
        + "/secrets/"
        + name
        + place.query()
        + environment.map(one -> "&environment=" + Place.encoded(one)).orElse("");
  }

  void on(Router router) {
    String all = Settings.PATH + "/secrets";
    String one = all + "/{secret}";
    router.queried(Permission.VIEW_SECRETS, HandlerType.GET, all, this::list);
    router.queried(Permission.MANAGE_SECRETS, HandlerType.POST, all, this::set);
    router.queried(Permission.VIEW_SECRETS, HandlerType.GET, one, this::show);
    router.queried(Permission.MANAGE_SECRETS, HandlerType.POST, one + "/rollback", this::rollback);
    router.queried(Permission.MANAGE_SECRETS, HandlerType.POST, one + "/remove", this::remove);
    router.queried(Permission.MANAGE_SECRETS, HandlerType.POST, one + "/purge", this::purge);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    SecretScope wide = actions.wide(ctx);
    Place place = place(ctx);
    var names = new ArrayList<String>();
    var groups = new ArrayList<Group>();
    groups.add(new Group(Optional.empty(), lines(secrets.list(wide))));
    for (String environment : environmentsWithSecrets(wide)) {
      groups.add(
          new Group(
              Optional.of(environment),
              lines(secrets.list(new SecretScope.OfEnvironment(wide, environment)))));
      names.add(environment);
    }
    for (String environment : defined(wide)) {
      if (!names.contains(environment)) {
        names.add(environment);
      }
    }
    var view = new View(place, groups, names, may(ctx), filled, Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JtesecretsGenerated.render(
                out, none, Settings.of(ctx, "Secrets of " + place.word(), place.entry()), view));
  }

  private List<String> environmentsWithSecrets(SecretScope wide) {
    String prefix = wide.text() + "/environment/";
    return database.read(s ->
        s.list(
            "SELECT DISTINCT scope FROM secret WHERE substr(scope, 1, ?) = ? ORDER BY scope",
            row -> row.text("scope").substring(prefix.length()),
            prefix.length(),
            prefix));
  }

  /** The environments that are defined there. */
  private List<String> defined(SecretScope wide) {
    EnvironmentScope scope =
        switch (wide) {
          case SecretScope.OfRepository(var id) -> new EnvironmentScope.OfRepository(id);
          case SecretScope.OfOrganisation(var name) -> new EnvironmentScope.OfOrganisation(name);
          case SecretScope.OfEnvironment _ ->
              throw new IllegalStateException("an environment has no environments");
        };
    return database.read(s -> environments.list(s, scope)).stream()
        .map(kept -> kept.name().value())
        .toList();
  }

  private void set(Context ctx) {
    SecretScope wide = actions.wide(ctx);
    var refused =
        Filled.tried(
            ctx,
            () -> {
              Optional<String> environment = Filled.text(ctx, "environment");
              set(
                  ctx,
                  environment.isPresent()
                      ? new SecretScope.OfEnvironment(wide, environment.get())
                      : wide);
            },
            "name",
            "environment");
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Html.go(
        ctx,
        way(
            place(ctx),
            new SecretName(Filled.needed(ctx, "name")),
            Filled.text(ctx, "environment")));
  }

  private void set(Context ctx, SecretScope scope) {
    SecretName name;
    try {
      name = new SecretName(Filled.needed(ctx, "name"));
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "name: " + e.getMessage());
    }
    var values = new HashMap<SecretName, byte[]>();
    values.put(name, value(ctx));
    try {
      actions.set(ctx, scope, values);
    } catch (SecretRefused e) {
      if (e.kind() == SecretRefused.Kind.UNFIT) {
        throw new Problem(400, "value: " + e.getMessage());
      }
      throw e;
    }
  }

  /** Exactly what was typed: a blank or a line at the end may be meant. */
  private static byte[] value(Context ctx) {
    String value = Optional.ofNullable(ctx.formParam("value")).orElse("");
    String lines = Optional.ofNullable(ctx.formParam("lines")).orElse("");
    if (value.isEmpty() == lines.isEmpty()) {
      throw new Problem(
          400, "value: " + (value.isEmpty() ? "fill this in" : "fill in one of the two fields"));
    }
    // Browsers send every line end of a text as CR and LF, whatever was pasted.
    return (lines.isEmpty() ? value : lines.replace("\r\n", "\n")).getBytes(StandardCharsets.UTF_8);
  }

  private void show(Context ctx) {
    show(ctx, Filled.NOTHING);
  }

  private void show(Context ctx, Filled filled) {
    SecretScope scope = actions.scope(ctx);
    SecretName name = name(ctx);
    List<SeenBy.Sight> seen = seenBy.of(scope, name, Optional.empty(), MOST_SEEN + 1);
    boolean all = seen.size() <= MOST_SEEN;
    var view =
        new One(
            place(ctx),
            name,
            Http.query(ctx, "environment"),
            lines(secrets.versions(scope, name)),
            all ? seen : seen.subList(0, MOST_SEEN),
            all,
            may(ctx),
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JtesecretGenerated.render(
                out, none, Settings.of(ctx, name.value(), view.place().entry()), view));
  }

  private void rollback(Context ctx) {
    change(
        ctx,
        () -> actions.rollback(ctx, actions.scope(ctx), name(ctx), version(ctx).orElseThrow()));
  }

  private void remove(Context ctx) {
    change(
        ctx,
        () -> {
          Filled.sure(ctx);
          actions.remove(ctx, actions.scope(ctx), name(ctx));
        });
  }

  private void purge(Context ctx) {
    change(
        ctx,
        () -> {
          Filled.sure(ctx);
          actions.purge(ctx, actions.scope(ctx), name(ctx), Optional.empty());
        });
  }

  private void change(Context ctx, Filled.Doing doing) {
    // Of what there is: where there is none, nothing but that is said.
    secrets.versions(actions.scope(ctx), name(ctx));
    Optional<Filled> refused = Filled.tried(ctx, doing);
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, way(place(ctx), name(ctx), Http.query(ctx, "environment")));
  }

  private static Optional<Long> version(Context ctx) {
    String text = Filled.needed(ctx, "version");
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new Problem(400, "version: is no number");
    }
  }

  private static SecretName name(Context ctx) {
    return new SecretName(ctx.pathParam("secret"));
  }

  private Place place(Context ctx) {
    return Place.asked(ctx, repositories, gate.caller(ctx), "secrets");
  }

  private boolean may(Context ctx) {
    Caller caller = gate.caller(ctx);
    return caller.may(
        Permission.MANAGE_SECRETS,
        actions.wide(ctx) instanceof SecretScope.OfRepository(var id)
            ? Optional.of(id)
            : Optional.empty());
  }

  private List<Line> lines(List<Secrets.Version> versions) {
    return versions.stream()
        .map(one -> new Line(one, gate.nameOf(one.by()), one.purgedBy().map(gate::nameOf)))
        .toList();
  }
}
