package dev.holdfast.orchestrator.web;

import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.secret.Secret;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;

/** What an agent asks for before it starts a job that declares secrets. */
final class DeliveryRoutes {
  /** It must not go on: a row was tampered with, or what holds the values does not say why. */
  private static final int REFUSED = 403;

  private static final int AGAIN = 503;

  private final Gate gate;
  private final Database database;
  private final Leases leases;
  private final Attempts attempts;
  private final SecretDelivery delivery;

  DeliveryRoutes(
      Gate gate, Database database, Leases leases, Attempts attempts, SecretDelivery delivery) {
    this.gate = gate;
    this.database = database;
    this.leases = leases;
    this.attempts = attempts;
    this.delivery = delivery;
  }

  void on(Router router) {
    router.agent(HandlerType.POST, "/agent/v1/attempts/{attempt}/secrets", this::secrets);
    router.agent(HandlerType.POST, "/agent/v1/attempts/{attempt}/secret-outputs", this::keep);
  }

  private void secrets(Context ctx) {
    String attempt = ctx.pathParam("attempt");
    long fence = Http.number(ctx, "fence", 0, Long.MAX_VALUE, -1);
    if (fence < 0) {
      throw new Problem(400, "the secrets of " + attempt + " need the fence in the query");
    }
    Agent agent = gate.agent(ctx);
    leases.mayAppend(agent, attempt, fence);
    // From the plan that was cleared, never from what an agent sends.
    PlannedJob planned =
        database.read(session -> attempts.planned(session, attempts.find(session, attempt)));
    Set<SecretName> declared = planned.job().secretNames();
    ctx.header("Cache-Control", "no-store");
    if (declared.isEmpty()) {
      answer(ctx, new SecretDelivery.Answer.Resolved(java.util.List.of(), java.util.List.of()));
      return;
    }
    switch (delivery.resolve(
        new SecretDelivery.Ask(
            agent.id(), attempt, fence, declared, Set.copyOf(planned.needs())))) {
      case SecretDelivery.Answer.Resolved resolved -> answer(ctx, resolved);
      case SecretDelivery.Answer.Refused(String reason, boolean again) ->
          throw new Problem(again ? AGAIN : REFUSED, reason);
    }
  }

  private void keep(Context ctx) {
    String attempt = ctx.pathParam("attempt");
    long fence = Http.number(ctx, "fence", 0, Long.MAX_VALUE, -1);
    if (fence < 0) {
      throw new Problem(400, "a secret output of " + attempt + " needs the fence in the query");
    }
    Agent agent = gate.agent(ctx);
    leases.mayAppend(agent, attempt, fence);
    AgentApi.SecretOutput output = Http.body(ctx, AgentApi.SecretOutput.class);
    byte[] value;
    try {
      value = Base64.getDecoder().decode(output.base64());
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "the secret output " + output.name() + " is not in Base64");
    }
    try {
      boolean declared =
          database.read(session ->
              attempts
                  .planned(session, attempts.find(session, attempt))
                  .job()
                  .secretOutputs()
                  .contains(output.name()));
      var keep =
          new SecretDelivery.Keep(agent.id(), attempt, fence, output.name(), declared, value);
      delivery
          .keep(keep)
          .ifPresent(refused -> {
            throw new Problem(refused.again() ? AGAIN : REFUSED, refused.reason());
          });
    } finally {
      Arrays.fill(value, (byte) 0);
    }
    Http.answer(ctx, AgentApi.SecretOutputKept.class, new AgentApi.SecretOutputKept(output.name()));
  }

  private static void answer(Context ctx, SecretDelivery.Answer.Resolved resolved) {
    try {
      Http.answer(
          ctx,
          AgentApi.Secrets.class,
          new AgentApi.Secrets(
              resolved.given().stream()
                  .filter(it -> it.use().isEmpty())
                  .map(DeliveryRoutes::given)
                  .toList(),
              resolved.withheld().stream()
                  .map(it -> new AgentApi.WithheldSecret(it.name(), it.reason()))
                  .toList(),
              resolved.given().stream().flatMap(DeliveryRoutes::usable).toList()));
    } finally {
      resolved.given().forEach(Secret::close);
    }
  }

  private static Stream<AgentApi.UsableSecret> usable(Secret secret) {
    return secret.use().stream()
        .map(use ->
            new AgentApi.UsableSecret(
                secret.name(), Base64.getEncoder().encodeToString(secret.value()), use));
  }

  private static AgentApi.GivenSecret given(Secret secret) {
    return new AgentApi.GivenSecret(
        secret.name(), Base64.getEncoder().encodeToString(secret.value()));
  }
}
