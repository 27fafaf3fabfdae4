package dev.holdfast.orchestrator.web;

import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.hold.StepHolds;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.queue.Leases;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** What agents call. */
final class AgentRoutes {
  private static final int MOST_LOG = 4 * 1024 * 1024;
  private static final int MOST_PROBE = 16 * 1024;

  private final Gate gate;
  private final Agents agents;
  private final Leases leases;
  private final StepHolds steps;
  private final InstantSource clock;
  private final LogStore logs;
  private final String key;

  AgentRoutes(
      Gate gate,
      Agents agents,
      Leases leases,
      StepHolds steps,
      InstantSource clock,
      LogStore logs,
      String key) {
    this.steps = steps;
    this.clock = clock;
    this.key = key;
    this.gate = gate;
    this.agents = agents;
    this.leases = leases;
    this.logs = logs;
  }

  void on(Router router) {
    router.agent(HandlerType.POST, "/agent/v1/register", this::register);
    router.agent(HandlerType.POST, "/agent/v1/leases", this::lease);
    router.agent(HandlerType.POST, "/agent/v1/events", this::events);
    router.agent(HandlerType.PUT, "/agent/v1/attempts/{attempt}/log", this::log);
    router.agent(HandlerType.POST, "/agent/v1/heartbeat", this::heartbeat);
    router.agent(HandlerType.POST, "/agent/v1/steps", this::step);
    router.agent(HandlerType.POST, "/agent/v1/probe", this::probe);
  }

  private void register(Context ctx) {
    AgentApi.Register said = Http.body(ctx, AgentApi.Register.class);
    if (said.version() != AgentApi.VERSION) {
      throw new Problem(
          400,
          "the agent speaks version "
              + said.version()
              + " of the protocol, this orchestrator version "
              + AgentApi.VERSION
              + "; install the same release on both");
    }
    String name = gate.token(ctx).name();
    if (!said.name().value().equals(name)) {
      throw new Problem(
          403, "the token is for the agent " + name + ", not for " + said.name() + "; use its own");
    }
    Agent agent = agents.register(said);
    Http.answer(
        ctx,
        AgentApi.Registered.class,
        new AgentApi.Registered(agent.id(), leases.heartbeat(), leases.lease(), Optional.of(key)));
  }

  private void lease(Context ctx) throws InterruptedException {
    AgentApi.LeaseRequest request = Http.body(ctx, AgentApi.LeaseRequest.class);
    Http.answer(
        ctx,
        AgentApi.Leases.class,
        new AgentApi.Leases(leases.lease(gate.agent(ctx, request.agent()), request)));
  }

  private void events(Context ctx) {
    AgentApi.Events events = Http.body(ctx, AgentApi.Events.class);
    Http.answer(ctx, AgentApi.EventsTaken.class, leases.events(gate.agent(ctx), events));
  }

  private void heartbeat(Context ctx) {
    AgentApi.Heartbeat heartbeat = Http.body(ctx, AgentApi.Heartbeat.class);
    Http.answer(
        ctx,
        AgentApi.HeartbeatTaken.class,
        leases.heartbeat(gate.agent(ctx, heartbeat.agent()), heartbeat));
  }

  private void step(Context ctx) {
    AgentApi.StepAsk asked = Http.body(ctx, AgentApi.StepAsk.class);
    String agent = gate.agent(ctx).id();
    Http.answer(ctx, AgentApi.StepAnswer.class, steps.ask(agent, asked, clock.instant()));
  }

  private void probe(Context ctx) {
    AgentApi.Probed said = Records.read(AgentApi.Probed.class, Http.bytes(ctx, MOST_PROBE));
    Agent agent = gate.agent(ctx, said.agent());
    agents.probed(agent, said.report());
    Http.answer(ctx, AgentApi.ProbeTaken.class, new AgentApi.ProbeTaken(agent.id()));
  }

  private void log(Context ctx) throws IOException {
    String attempt = ctx.pathParam("attempt");
    long offset = Http.number(ctx, "offset", 0, Long.MAX_VALUE, -1);
    long fence = Http.number(ctx, "fence", 0, Long.MAX_VALUE, -1);
    if (offset < 0 || fence < 0) {
      throw new Problem(400, "the log of " + attempt + " needs offset and fence in the query");
    }
    leases.mayAppend(gate.agent(ctx), attempt, fence);
    byte[] bytes = Http.bytes(ctx, MOST_LOG);
    try {
      Http.answer(
          ctx, AgentApi.LogTaken.class, new AgentApi.LogTaken(logs.append(attempt, offset, bytes)));
    } catch (LogStore.Gap e) {
      throw new Problem(
          409,
          "the log of "
              + attempt
              + " is "
              + e.length()
              + " bytes long; go on from there ("
              + e.getMessage()
              + ")");
    }
  }
}
