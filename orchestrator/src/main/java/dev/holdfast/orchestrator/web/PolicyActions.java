package dev.holdfast.orchestrator.web;

import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.Name;
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
import java.time.InstantSource;
import java.util.Optional;

/** What people do with policies, however they ask for it. */
public record PolicyActions(
    Gate gate,
    Database database,
    Repositories repositories,
    Again again,
    Replay replay,
    OnRecord onRecord,
    InstantSource clock) {

  /** What the query names: a repository, an organisation, or nothing for the installation. */
  public PolicyScope scope(Context ctx) {
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

  /** Sets one; what waits under it is decided anew. */
  public void set(Context ctx, PolicyScope scope, Policy policy) {
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      PolicyStore.set(s, scope, policy, by, clock.instant());
      onRecord.done(s, ctx, "policy.set", scope.subject(), PolicyText.digest(policy).value());
      again.policyChanged(s, scope, by, clock.instant());
      return true;
    });
  }

  /** Takes one away, if there is one. */
  public void clear(Context ctx, PolicyScope scope) {
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      if (PolicyStore.clear(s, scope)) {
        onRecord.done(s, ctx, "policy.clear", scope.subject());
        again.policyChanged(s, scope, by, clock.instant());
      }
      return true;
    });
  }

  /** What the newest events would come to; nothing is changed. */
  public Replay.Result test(PolicyScope scope, Policy policy, int most) throws ForgeUnavailable {
    return replay.under(policy, scope, most);
  }
}
