package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.fleet.Agents;
import io.javalin.http.Context;

/** Who may call what. */
final class Gate {
  private static final String TOKEN = "holdfast.token";

  private final Tokens tokens;
  private final Agents agents;

  Gate(Tokens tokens, Agents agents) {
    this.tokens = tokens;
    this.agents = agents;
  }

  /** Lets a call with a token of this kind through; refuses all others. */
  void check(Context ctx, Tokens.Kind kind) {
    String header = ctx.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Problem(401, "no token was sent; send one as Authorization: Bearer TOKEN");
    }
    Tokens.Token token =
        tokens
            .check(header.substring(7).trim())
            .orElseThrow(() -> new Problem(401, "the token is unknown or was revoked"));
    if (token.kind() != kind) {
      throw new Problem(
          403,
          switch (kind) {
            case ADMIN -> "this needs an admin token; the one sent is an agent's";
            case AGENT -> "this needs an agent token; the one sent is for people";
          });
    }
    ctx.attribute(TOKEN, token);
  }

  /** The token that came with the call. */
  Tokens.Token token(Context ctx) {
    Tokens.Token token = ctx.attribute(TOKEN);
    if (token == null) {
      throw new Problem(401, "no token was sent");
    }
    return token;
  }

  /** The agent whose call it is. */
  Agent agent(Context ctx, String id) {
    String name = token(ctx).name();
    Agent agent =
        agents
            .of(id, name)
            .orElseThrow(
                () -> new Problem(403, "the token is the agent " + name + "'s; register as it"));
    agents.seen(agent);
    return agent;
  }

  /** The agent whose token came with the call, where the call does not name it. */
  Agent agent(Context ctx) {
    String name = token(ctx).name();
    return agents
        .byName(name)
        .orElseThrow(() -> new Problem(403, "the agent " + name + " is not registered"));
  }
}
