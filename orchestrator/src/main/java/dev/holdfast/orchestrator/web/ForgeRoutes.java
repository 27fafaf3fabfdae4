package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;

/** Repositories at forges: how they are added, and how their webhooks are signed. */
final class ForgeRoutes {
  private final ForgeActions actions;

  ForgeRoutes(ForgeActions actions) {
    this.actions = actions;
  }

  void on(Router router) {
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.POST, "/api/v1/forge-repositories", this::add);
    router.repository(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.POST,
        "/api/v1/repositories/{name}/webhook-secret",
        this::rotate);
  }

  private void add(Context ctx) {
    actions.add(
        ctx,
        Http.body(ctx, ForgeActions.Add.class),
        added -> Http.answer(ctx, 201, ForgeActions.Added.class, added));
  }

  private void rotate(Context ctx) {
    Http.answer(
        ctx,
        ForgeActions.Rotated.class,
        actions.rotate(ctx, Http.name(ctx), Http.body(ctx, ForgeActions.Rotate.class).overlap()));
  }
}
