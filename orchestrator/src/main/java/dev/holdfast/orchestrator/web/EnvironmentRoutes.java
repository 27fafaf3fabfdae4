package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.orchestrator.environment.EnvironmentScope;
import dev.holdfast.orchestrator.web.EnvironmentActions.Applying;
import dev.holdfast.orchestrator.web.EnvironmentActions.Deployed;
import dev.holdfast.orchestrator.web.EnvironmentActions.Shown;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;

/** Environments, and who was in them. */
final class EnvironmentRoutes {
  private final EnvironmentActions actions;

  EnvironmentRoutes(EnvironmentActions actions) {
    this.actions = actions;
  }

  record AllShown(List<Shown> environments) {}

  record Lock(String why) {}

  record Done(EnvironmentPattern name) {}

  record AllDeployed(List<Deployed> deployments) {}

  void on(Router router) {
    String all = "/api/v1/environments";
    String one = "/api/v1/environment";
    String lock = "/api/v1/environment/lock";
    router.queried(Permission.VIEW, HandlerType.GET, all, this::list);
    router.queried(Permission.VIEW, HandlerType.GET, one, this::show);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.PUT, one, this::set);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.DELETE, one, this::remove);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.PUT, lock, this::lock);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.DELETE, lock, this::unlock);
    router.queried(Permission.VIEW, HandlerType.GET, "/api/v1/deployments", this::history);
  }

  private static EnvironmentPattern pattern(Context ctx) {
    return new EnvironmentPattern(
        Http.query(ctx, "name")
            .orElseThrow(() -> new Problem(400, "name: say which environment, as production")));
  }

  private void list(Context ctx) {
    Http.answer(ctx, AllShown.class, new AllShown(actions.list(actions.scope(ctx))));
  }

  private void show(Context ctx) {
    answer(ctx, actions.scope(ctx), pattern(ctx));
  }

  private void answer(Context ctx, EnvironmentScope scope, EnvironmentPattern name) {
    Http.answer(ctx, Applying.class, actions.applying(scope, name));
  }

  private void set(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    actions.set(ctx, scope, name, JsonText.parse(Http.bytes(ctx, EnvironmentActions.LARGEST)));
    answer(ctx, scope, name);
  }

  private void remove(Context ctx) {
    EnvironmentPattern name = pattern(ctx);
    actions.remove(ctx, actions.scope(ctx), name);
    Http.answer(ctx, Done.class, new Done(name));
  }

  private void lock(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    actions.lock(ctx, scope, name, Http.body(ctx, Lock.class).why());
    answer(ctx, scope, name);
  }

  private void unlock(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    actions.unlock(ctx, scope, name);
    answer(ctx, scope, name);
  }

  private void history(Context ctx) {
    String id =
        actions
            .repository(
                Http.query(ctx, "repository")
                    .orElseThrow(() -> new Problem(400, "repository: say which")))
            .id();
    EnvironmentName name =
        pattern(ctx)
            .name()
            .orElseThrow(() -> new Problem(400, "name: say which one, as review/feature-1"));
    int most = (int) Http.number(ctx, "limit", 1, 1000, 50);
    Http.answer(ctx, AllDeployed.class, new AllDeployed(actions.history(id, name, most)));
  }
}
