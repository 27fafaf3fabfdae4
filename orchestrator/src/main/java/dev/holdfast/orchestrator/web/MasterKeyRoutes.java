package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.seal.MasterRotation;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The master keys by name, and their rotation. */
final class MasterKeyRoutes {
  private final Gate gate;
  private final MasterRotation rotation;

  MasterKeyRoutes(Gate gate, MasterRotation rotation) {
    this.gate = gate;
    this.rotation = rotation;
  }

  /**
   * A master key.
   *
   * @param wraps how many data keys
   * @param mayGo whether nothing here needs it any more
   */
  record Master(String name, long wraps, boolean here, boolean current, boolean mayGo) {}

  /**
   * The newest rotation.
   *
   * @param left how many data keys it has not come to
   * @param problem why it cannot end
   */
  record Shown(
      long number,
      String master,
      String by,
      Instant started,
      Optional<Instant> finished,
      long left,
      Optional<String> problem) {}

  record All(List<Master> keys, Optional<Shown> rotation) {}

  void on(Router router) {
    router.installation(Permission.MANAGE_KEYS, HandlerType.GET, "/api/v1/master-keys", this::list);
    router.installation(
        Permission.MANAGE_KEYS, HandlerType.POST, "/api/v1/master-keys/rotation", this::rotate);
  }

  private void list(Context ctx) {
    answer(ctx, 200);
  }

  private void rotate(Context ctx) {
    try {
      var _ = rotation.begin(gate.caller(ctx).user().id());
    } catch (IOException e) {
      throw new Problem(409, "the master key was not changed: " + e.getMessage());
    }
    answer(ctx, 202);
  }

  private void answer(Context ctx, int status) {
    Http.answer(
        ctx,
        status,
        All.class,
        new All(
            rotation.masters().stream()
                .map(key ->
                    new Master(key.name(), key.wraps(), key.here(), key.current(), key.mayGo()))
                .toList(),
            rotation
                .newest()
                .map(one ->
                    new Shown(
                        one.number(),
                        one.master(),
                        gate.nameOf(one.by()),
                        one.started(),
                        one.finished(),
                        rotation.left(),
                        Optional.of(rotation.problem()).filter(text -> !text.isEmpty())))));
  }
}
