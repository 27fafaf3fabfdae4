package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.github.AppCalls;
import dev.holdfast.orchestrator.forge.github.AppKey;
import dev.holdfast.orchestrator.link.Apps;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What Holdfast is as an app at GitHubs. */
final class AppRoutes {
  private final Database database;
  private final Linked linked;
  private final Relay relay;
  private final OnRecord onRecord;
  private final InstantSource clock;

  AppRoutes(Database database, Linked linked, Relay relay, OnRecord onRecord, InstantSource clock) {
    this.database = database;
    this.linked = linked;
    this.relay = relay;
    this.onRecord = onRecord;
    this.clock = clock;
  }

  /**
   * An app to add.
   *
   * @param api where the forge's calls start
   * @param number what GitHub calls the app's id
   * @param key its private key as GitHub generated it
   */
  record Add(Name name, String api, long number, String key) {}

  /**
   * What was added, the one time that the webhook's secret is known.
   *
   * @param title what GitHub calls it
   * @param missing what it is not let do or not told of, and should
   * @param relay as {@link ForgeActions.Added}
   */
  record Added(
      Name name,
      String title,
      List<String> missing,
      String hook,
      String secret,
      Optional<String> relay,
      Optional<String> relayProblem) {}

  record Shown(Name name, String api, long number, Instant added) {}

  record ShownAll(List<Shown> apps) {}

  record Removed(Name removed) {}

  void on(Router router) {
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.GET, "/api/v1/forge-apps", this::list);
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.POST, "/api/v1/forge-apps", this::add);
    router.installation(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.POST,
        "/api/v1/forge-apps/{app}/webhook-secret",
        this::rotate);
    router.installation(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.DELETE,
        "/api/v1/forge-apps/{app}",
        this::remove);
  }

  private void list(Context ctx) {
    Http.answer(
        ctx,
        ShownAll.class,
        new ShownAll(
            linked.apps().list().stream()
                .map(app ->
                    new Shown(app.name(), app.host().api().toString(), app.number(), app.added()))
                .toList()));
  }

  private void add(Context ctx) {
    Add asked = Http.body(ctx, Add.class);
    var host = new Repository.Host(Repository.Kind.GITHUB, URI.create(asked.api()));
    if (linked.apps().byName(asked.name()).isPresent()
        || linked.apps().at(host, asked.number()).isPresent()) {
      throw new Problem(
          409,
          "an app of this name or number was added already; holdfast app list shows it, app webhook"
              + " gives it a new secret");
    }
    AppCalls.Known known;
    try {
      known =
          linked
              .calls()
              .known(
                  new AppCalls.Self(host.api(), asked.number(), AppKey.of(asked.key())),
                  clock.instant());
    } catch (ForgeUnavailable | IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    ForgeActions.Reached now =
        database.write(s -> {
          onRecord.done(
              s, ctx, "app.add", asked.name().value(), host.name() + " " + asked.number());
          Links.Made made =
              linked
                  .apps()
                  .add(s, asked.name(), host, asked.number(), asked.key(), clock.instant());
          return new ForgeActions.Reached(made, relay.address(s, made.source()));
        });
    Http.answer(
        ctx,
        201,
        Added.class,
        new Added(
            asked.name(),
            known.name(),
            known.missing(),
            now.made().hook(),
            now.made().secret(),
            now.relay(),
            ForgeActions.problem(now, relay)));
  }

  private void rotate(Context ctx) {
    Apps.App app = named(ctx);
    Duration overlap = Http.body(ctx, ForgeActions.Rotate.class).overlap();
    ForgeActions.Reached now =
        database.write(s -> {
          onRecord.done(s, ctx, "app.rotate", app.name().value());
          Links.Made made = linked.apps().rotate(s, app, overlap, clock.instant());
          return new ForgeActions.Reached(made, relay.address(s, made.source()));
        });
    Http.answer(ctx, ForgeActions.Rotated.class, ForgeActions.Rotated.of(now, relay));
  }

  private void remove(Context ctx) {
    Apps.App app = named(ctx);
    boolean removed =
        database.write(s -> {
          if (!linked.apps().remove(s, app)) {
            return false;
          }
          onRecord.done(s, ctx, "app.remove", app.name().value());
          return true;
        });
    if (!removed) {
      throw new Problem(
          409, "repositories are linked by the app " + app.name() + "; remove them first");
    }
    Http.answer(ctx, Removed.class, new Removed(app.name()));
  }

  private Apps.App named(Context ctx) {
    Name name;
    try {
      name = new Name(ctx.pathParam("app"));
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return linked
        .apps()
        .byName(name)
        .orElseThrow(() -> new Problem(404, "there is no app " + name + "; holdfast app list"));
  }
}
