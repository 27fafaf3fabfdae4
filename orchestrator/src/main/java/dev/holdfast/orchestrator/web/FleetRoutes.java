package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Agents and their tokens. */
final class FleetRoutes {
  private final Gate gate;
  private final Agents agents;
  private final Tokens tokens;
  private final Database database;

  FleetRoutes(Gate gate, Agents agents, Tokens tokens, Database database) {
    this.gate = gate;
    this.agents = agents;
    this.tokens = tokens;
    this.database = database;
  }

  record ShownAgent(
      String id,
      String name,
      String release,
      int capacity,
      int running,
      List<String> labels,
      AgentApi.Backend backend,
      Instant registered,
      Instant seen,
      Optional<ProbeReport> probe) {}

  record ShownAgents(List<ShownAgent> agents) {}

  record NewToken(Name name) {}

  record MadeToken(String id, String name, String token) {}

  record ShownToken(String id, String name, Instant created) {}

  record ShownTokens(List<ShownToken> tokens) {}

  record Revoked(String revoked) {}

  void on(Router router) {
    router.installation(Permission.VIEW, HandlerType.GET, "/api/v1/agents", this::agents);
    router.installation(
        Permission.MANAGE_AGENTS, HandlerType.POST, "/api/v1/agent-tokens", this::make);
    router.installation(
        Permission.MANAGE_AGENTS, HandlerType.GET, "/api/v1/agent-tokens", this::tokens);
    router.installation(
        Permission.MANAGE_AGENTS, HandlerType.DELETE, "/api/v1/agent-tokens/{id}", this::revoke);
  }

  private void agents(Context ctx) {
    Map<String, Integer> running = new HashMap<>();
    database.read(s ->
        s.list(
            "SELECT agent_id, count(*) AS held FROM attempt WHERE state IN ('LEASED',"
                + " 'RUNNING') GROUP BY agent_id",
            row -> running.put(row.text("agent_id"), (int) row.number("held"))));
    Http.answer(
        ctx,
        ShownAgents.class,
        new ShownAgents(
            agents.list().stream()
                .map(agent -> shown(agent, running.getOrDefault(agent.id(), 0)))
                .toList()));
  }

  private ShownAgent shown(Agent agent, int running) {
    return new ShownAgent(
        agent.id(),
        agent.name(),
        agent.release(),
        agent.capacity(),
        running,
        agent.labels().stream().sorted().toList(),
        agent.backend(),
        agent.registered(),
        agent.seen(),
        agents.probe(agent.id()));
  }

  private void make(Context ctx) {
    Tokens.Made made =
        tokens.makeForAgent(gate.caller(ctx), Http.body(ctx, NewToken.class).name().value());
    Http.answer(
        ctx,
        201,
        MadeToken.class,
        new MadeToken(made.token().id(), made.token().name(), made.secret()));
  }

  private void tokens(Context ctx) {
    Http.answer(
        ctx,
        ShownTokens.class,
        new ShownTokens(
            tokens.list(Tokens.Kind.AGENT).stream()
                .map(token -> new ShownToken(token.id(), token.name(), token.created()))
                .toList()));
  }

  private void revoke(Context ctx) {
    String id = ctx.pathParam("id");
    tokens.revokeAgents(gate.caller(ctx), id);
    Http.answer(ctx, Revoked.class, new Revoked(id));
  }
}
