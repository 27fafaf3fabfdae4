package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.Again;
import dev.holdfast.orchestrator.hold.PolicyScope;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.hold.PolicyText;
import dev.holdfast.orchestrator.intake.Replay;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
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

  /** What the query names: a repository, an organisation, or nothing for the installation. */
  private PolicyScope scope(Context ctx) {
    Optional<String> organisation = Http.query(ctx, "organisation");
    Optional<String> repository = Http.query(ctx, "repository");
    if (organisation.isPresent() && repository.isPresent()) {
      throw new Problem(400, "repository, organisation: give one of them");
    }
    if (repository.isPresent()) {
      return new PolicyScope.OfRepository(
          repositories
              .byName(new Name(repository.get()))
              .orElseThrow(() -> new Problem(404, "there is no repository " + repository.get()))
              .id());
    }
    if (organisation.isEmpty()) {
      return new PolicyScope.Installation();
    }
    var name = new Name(organisation.get());
    if (!database.read(s -> Organisations.exists(s, name))) {
      throw new Problem(
          404,
          "no repository is of an organisation " + name + "; holdfast repo add --organisation");
    }
    return new PolicyScope.Organisation(name);
  }

  private void show(Context ctx) {
    answer(ctx, scope(ctx));
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
    PolicyScope scope = scope(ctx);
    Policy policy = Http.body(ctx, PolicyText.class).policy();
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      PolicyStore.set(s, scope, policy, by, clock.instant());
      onRecord.done(s, ctx, "policy.set", scope.subject(), PolicyText.digest(policy).value());
      again.policyChanged(s, scope, by, clock.instant());
      return true;
    });
    answer(ctx, scope);
  }

  private void clear(Context ctx) {
    PolicyScope scope = scope(ctx);
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      if (PolicyStore.clear(s, scope)) {
        onRecord.done(s, ctx, "policy.clear", scope.subject());
        again.policyChanged(s, scope, by, clock.instant());
      }
      return true;
    });
    answer(ctx, scope);
  }

  private void test(Context ctx) throws ForgeUnavailable {
    PolicyScope scope = scope(ctx);
    Policy policy = Http.body(ctx, PolicyText.class).policy();
    int most = (int) Http.number(ctx, "events", 1, 1000, 100);
    Replay.Result result = replay.under(policy, scope, most);
    Http.answer(ctx, Differences.class, new Differences(result.events(), result.differences()));
  }
}
