package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.PolicyScope;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.hold.PolicyText;
import dev.holdfast.orchestrator.intake.Replay;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Optional;

/** The policies of the installation and of repositories. */
final class PolicyRoutes {
  private final PolicyActions actions;
  private final Database database;

  PolicyRoutes(PolicyActions actions, Database database) {
    this.actions = actions;
    this.database = database;
  }

  /**
   * @param set what was set here; none where the wider one applies
   * @param effective what applies
   * @param problem why nothing applies, so that everything waits
   */
  record Shown(
      Optional<PolicyText> set, Optional<PolicyText> effective, Optional<String> problem) {}

  record Differences(long events, List<Replay.Difference> differences) {}

  void on(Router router) {
    router.queried(Permission.VIEW, HandlerType.GET, "/api/v1/policy", this::show);
    router.queried(Permission.MANAGE_POLICY, HandlerType.PUT, "/api/v1/policy", this::set);
    router.queried(Permission.MANAGE_POLICY, HandlerType.DELETE, "/api/v1/policy", this::clear);
    router.queried(Permission.MANAGE_POLICY, HandlerType.POST, "/api/v1/policy/test", this::test);
  }

  private void show(Context ctx) {
    answer(ctx, actions.scope(ctx));
  }

  private void answer(Context ctx, PolicyScope scope) {
    Http.answer(
        ctx,
        Shown.class,
        database.read(s -> {
          Lookup<Policy> effective = PolicyStore.within(s, scope);
          return new Shown(
              PolicyStore.of(s, scope).known().map(PolicyText::of),
              effective.known().map(PolicyText::of),
              effective instanceof Lookup.Failed<Policy>(var why)
                  ? Optional.of(why)
                  : Optional.empty());
        }));
  }

  private void set(Context ctx) {
    PolicyScope scope = actions.scope(ctx);
    actions.set(ctx, scope, Http.body(ctx, PolicyText.class).policy());
    answer(ctx, scope);
  }

  private void clear(Context ctx) {
    PolicyScope scope = actions.scope(ctx);
    actions.clear(ctx, scope);
    answer(ctx, scope);
  }

  private void test(Context ctx) throws ForgeUnavailable {
    PolicyScope scope = actions.scope(ctx);
    Policy policy = Http.body(ctx, PolicyText.class).policy();
    int most = (int) Http.number(ctx, "events", 1, 1000, 100);
    Replay.Result result = actions.test(scope, policy, most);
    Http.answer(ctx, Differences.class, new Differences(result.events(), result.differences()));
  }
}
