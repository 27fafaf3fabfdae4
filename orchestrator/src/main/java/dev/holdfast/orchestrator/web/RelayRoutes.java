package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.relay.RelayStatus;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Optional;

/** How it stands with the relay, and a new key to seal to. */
final class RelayRoutes {
  private final Database database;
  private final Relay relay;
  private final OnRecord onRecord;

  RelayRoutes(Database database, Relay relay, OnRecord onRecord) {
    this.database = database;
    this.relay = relay;
    this.onRecord = onRecord;
  }

  /**
   * @param key the new one's id
   * @param problem why the relay does not seal to it yet, if it does not
   */
  record Rotated(String key, Optional<String> problem) {}

  void on(Router router) {
    router.user(HandlerType.GET, "/api/v1/relay", this::status);
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.POST, "/api/v1/relay/key", this::rotate);
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
