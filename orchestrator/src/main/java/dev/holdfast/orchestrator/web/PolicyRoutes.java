package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.Again;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.hold.PolicyText;
import dev.holdfast.orchestrator.intake.Replay;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The policies of the installation and of repositories. */
final class PolicyRoutes {
  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Again again;
  private final Replay replay;
  private final OnRecord onRecord;
  private final InstantSource clock;

  PolicyRoutes(
      Gate gate,
      Database database,
      Repositories repositories,
      Again again,
      Replay replay,
      OnRecord onRecord,
      InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.again = again;
    this.replay = replay;
    this.onRecord = onRecord;
    this.clock = clock;
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

  private Optional<Repository> repository(Context ctx) {
    return Http.query(ctx, "repository")
        .map(name ->
            repositories
                .byName(new Name(name))
                .orElseThrow(() -> new Problem(404, "there is no repository " + name)));
  }

  private void show(Context ctx) {
    answer(ctx, repository(ctx));
  }

  private void answer(Context ctx, Optional<Repository> repository) {
    Http.answer(
        ctx,
        Shown.class,
        database.read(s -> {
          Optional<String> id = repository.map(Repository::id);
          Lookup<Policy> effective = PolicyStore.effective(s, id.orElse(""));
          return new Shown(
              PolicyStore.of(s, id).known().map(PolicyText::of),
              effective.known().map(PolicyText::of),
              effective instanceof Lookup.Failed<Policy>(var why)
                  ? Optional.of(why)
                  : Optional.empty());
        }));
  }

  private void set(Context ctx) {
    Optional<Repository> repository = repository(ctx);
    Policy policy = Http.body(ctx, PolicyText.class).policy();
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      Optional<String> id = repository.map(Repository::id);
      PolicyStore.set(s, id, policy, by, clock.instant());
      onRecord.done(
          s, ctx, "policy.set", id.orElse("installation"), PolicyText.digest(policy).value());
      again.policyChanged(s, id, by, clock.instant());
      return true;
    });
    answer(ctx, repository);
  }

  private void clear(Context ctx) {
    Optional<Repository> repository = repository(ctx);
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      Optional<String> id = repository.map(Repository::id);
      if (PolicyStore.clear(s, id)) {
        onRecord.done(s, ctx, "policy.clear", id.orElse("installation"));
        again.policyChanged(s, id, by, clock.instant());
      }
      return true;
    });
    answer(ctx, repository);
  }

  private void test(Context ctx) throws ForgeUnavailable {
    Optional<Repository> repository = repository(ctx);
    Policy policy = Http.body(ctx, PolicyText.class).policy();
    int most = (int) Http.number(ctx, "events", 1, 1000, 100);
    Replay.Result result = replay.under(policy, repository, most);
    Http.answer(ctx, Differences.class, new Differences(result.events(), result.differences()));
  }
}
