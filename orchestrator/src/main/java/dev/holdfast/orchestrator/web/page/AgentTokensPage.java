package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which agents may come, by the token of each. */
final class AgentTokensPage {
  private static final String PATH = Settings.PATH + "/agents";

  private final Gate gate;
  private final Tokens tokens;
  private final Agents agents;

  AgentTokensPage(Gate gate, Tokens tokens, Agents agents) {
    this.gate = gate;
    this.tokens = tokens;
    this.agents = agents;
  }

  /**
   * @param came when an agent of this name was last heard of
   */
  record Line(Tokens.Token token, Optional<Instant> came) {
    String way() {
      return PATH + "/" + token.id() + "/revoke";
    }
  }

  record View(List<Line> lines, Filled filled, Instant now) {}

  /** A token, the one time that it is shown. */
  record Made(String name, String secret) {}

  void on(Router router) {
    var manage = Permission.MANAGE_AGENTS;
    router.installation(manage, HandlerType.GET, PATH, this::list);
    router.installation(manage, HandlerType.POST, PATH, this::make);
    router.installation(manage, HandlerType.POST, PATH + "/{id}/revoke", this::revoke);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    var view =
        new View(
            tokens.list(Tokens.Kind.AGENT).stream()
                .map(token ->
                    new Line(token, agents.byName(token.name()).map(agent -> agent.seen())))
                .toList(),
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteagenttokensGenerated.render(
                out, none, Settings.of(ctx, "Agents' tokens", "agents"), view));
  }

  private void make(Context ctx) {
    var made = new java.util.ArrayList<Tokens.Made>();
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () ->
                made.add(
                    tokens.makeForAgent(gate.caller(ctx), Filled.neededName(ctx, "name").value())),
            "name");
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    var view = new Made(made.getFirst().token().name(), made.getFirst().secret());
    Html.answer(
        ctx,
        (out, none) ->
            JtenewagenttokenGenerated.render(
                out, none, Settings.of(ctx, "A new agent's token", "agents"), view));
  }

  private void revoke(Context ctx) {
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> {
              Filled.sure(ctx);
              tokens.revokeAgents(gate.caller(ctx), ctx.pathParam("id"));
            });
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Html.go(ctx, PATH);
  }
}
