package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.relay.RelayStatus;
import dev.holdfast.orchestrator.repository.Repositories;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How it stands with the relay; another key, credential or address there; who may post to it. */
final class RelayRoutes {
  private final Database database;
  private final Relay relay;
  private final Repositories repositories;
  private final OnRecord onRecord;

  RelayRoutes(Database database, Relay relay, Repositories repositories, OnRecord onRecord) {
    this.database = database;
    this.relay = relay;
    this.repositories = repositories;
    this.onRecord = onRecord;
  }

  /**
   * @param key the new one's id
   * @param problem why the relay does not seal to it yet, if it does not
   */
  record Rotated(String key, Optional<String> problem) {}

  /**
   * @param problem why the relay does not know of it yet, if it does not
   */
  record CredentialMade(Optional<String> problem) {}

  /**
   * @param repository whose webhooks arrive there
   * @param app whose do, where it is an app's
   * @param ranges of addresses that may post to it; none for any
   * @param known whether the relay knows it as it is
   */
  record Source(
      String id,
      Optional<String> repository,
      Optional<String> app,
      List<String> ranges,
      boolean known) {}

  record Sources(List<Source> sources) {}

  /**
   * @param relay where the forge posts from now on
   * @param relayProblem why the relay does not know that address yet, if it does not
   */
  record Readdressed(String source, String relay, Optional<String> relayProblem) {}

  /**
   * @param ranges as {@code 192.0.2.0/24}; none for any
   */
  record Ranges(List<String> ranges) {}

  /**
   * @param problem why the relay does not hold to them yet, if it does not
   */
  record Allowed(String source, List<String> ranges, Optional<String> problem) {}

  void on(Router router) {
    router.user(HandlerType.GET, "/api/v1/relay", this::status);
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.POST, "/api/v1/relay/key", this::rotate);
    router.installation(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.POST,
        "/api/v1/relay/credential",
        this::credential);
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.GET, "/api/v1/relay/sources", this::sources);
    router.installation(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.POST,
        "/api/v1/relay/sources/{source}/address",
        this::readdress);
    router.installation(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.PUT,
        "/api/v1/relay/sources/{source}/ranges",
        this::allow);
  }

  private void credential(Context ctx) {
    Duration overlap = Http.body(ctx, ForgeActions.Rotate.class).overlap();
    boolean made =
        database.write(s -> {
          boolean there = relay.newCredential(s, overlap);
          if (there) {
            onRecord.done(
                s,
                ctx,
                "relay.credential",
                "relay",
                "the one before for " + overlap.toSeconds() + " s yet");
          }
          return there;
        });
    if (!made) {
      throw none();
    }
    Http.answer(ctx, CredentialMade.class, new CredentialMade(relay.settle()));
  }

  private void sources(Context ctx) {
    List<Relay.Source> all = relay.sources().orElseThrow(RelayRoutes::none);
    Http.answer(ctx, Sources.class, new Sources(all.stream().map(this::shown).toList()));
  }

  private Source shown(Relay.Source one) {
    return switch (one.of().orElse(null)) {
      case null ->
          new Source(one.id(), Optional.empty(), Optional.empty(), one.ranges(), one.known());
      case Links.Source.OfRepository(var id, _) ->
          new Source(
              one.id(),
              repositories.byId(id).map(found -> found.name().value()),
              Optional.empty(),
              one.ranges(),
              one.known());
      case Links.Source.OfApp(var app, _) ->
          new Source(
              one.id(),
              Optional.empty(),
              Optional.of(app.name().value()),
              one.ranges(),
              one.known());
    };
  }

  private void readdress(Context ctx) {
    String source = ctx.pathParam("source");
    Duration overlap = Http.body(ctx, ForgeActions.Rotate.class).overlap();
    String address =
        database
            .write(s -> {
              Optional<String> made = relay.readdress(s, source, overlap);
              if (made.isPresent()) {
                onRecord.done(
                    s,
                    ctx,
                    "relay.address",
                    source,
                    "the one before for " + overlap.toSeconds() + " s yet");
              }
              return made;
            })
            .orElseThrow(RelayRoutes::noSource);
    Http.answer(ctx, Readdressed.class, new Readdressed(source, address, relay.settle()));
  }

  private void allow(Context ctx) {
    String source = ctx.pathParam("source");
    List<String> ranges = Relay.ranges(Http.body(ctx, Ranges.class).ranges());
    boolean there =
        database.write(s -> {
          boolean known = relay.allow(s, source, ranges);
          if (known) {
            onRecord.done(
                s,
                ctx,
                "relay.ranges",
                source,
                ranges.isEmpty() ? "from anywhere" : "from " + String.join(" ", ranges));
          }
          return known;
        });
    if (!there) {
      throw noSource();
    }
    Http.answer(ctx, Allowed.class, new Allowed(source, ranges, relay.settle()));
  }

  private static Problem noSource() {
    return new Problem(
        404, "there is no such source at a relay; holdfast relay source list has them");
  }

  private void status(Context ctx) {
    Http.answer(ctx, RelayStatus.class, relay.status().orElseThrow(RelayRoutes::none));
  }

  private void rotate(Context ctx) {
    String key =
        database
            .write(s -> {
              Optional<String> made = relay.rotate(s);
              if (made.isPresent()) {
                onRecord.done(s, ctx, "relay.key", made.get());
              }
              return made;
            })
            .orElseThrow(RelayRoutes::none);
    Http.answer(ctx, Rotated.class, new Rotated(key, relay.settleKey()));
  }

  private static Problem none() {
    return new Problem(
        404, "webhooks come by no relay here; start the server with --relay and an invitation");
  }
}
