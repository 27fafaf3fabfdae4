package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.identity.Identities;
import dev.holdfast.orchestrator.identity.Issuer;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.util.List;

/** Holdfast as an issuer of tokens for jobs: what verifiers read, and what agents ask for. */
final class IdentityRoutes {
  /** Well below the time for which a key is published before it signs. */
  private static final String KEPT = "public, max-age=3600";

  private final Gate gate;
  private final Issuer issuer;
  private final Identities identities;
  private final OnRecord onRecord;

  IdentityRoutes(Gate gate, Issuer issuer, Identities identities, OnRecord onRecord) {
    this.gate = gate;
    this.issuer = issuer;
    this.identities = identities;
    this.onRecord = onRecord;
  }

  /** What OpenID Connect Discovery 1.0 has an issuer say; names are its. */
  record Discovery(
      String issuer,
      String jwks_uri,
      List<String> response_types_supported,
      List<String> subject_types_supported,
      List<String> id_token_signing_alg_values_supported,
      List<String> scopes_supported,
      List<String> claims_supported) {}

  /** The id of the one key that signs now. */
  record Replaced(String key) {}

  void on(Router router) {
    router.open(HandlerType.GET, Issuer.DISCOVERY, this::discovery);
    router.open(HandlerType.GET, Issuer.KEYS, this::keys);
    router.agent(HandlerType.POST, "/agent/v1/attempts/{attempt}/identity", this::mint);
    router.installation(
        Permission.MANAGE_TOKENS, HandlerType.POST, "/api/v1/identity/replace-keys", this::replace);
  }

  private URI address() {
    return issuer
        .address()
        .orElseThrow(() ->
            new Problem(
                404,
                "this Holdfast issues no tokens: it was not told by --public-url where others find"
                    + " it"));
  }

  private void discovery(Context ctx) {
    String address = address().toString();
    ctx.header("Cache-Control", KEPT);
    Http.answer(
        ctx,
        Discovery.class,
        new Discovery(
            address,
            address + Issuer.KEYS,
            List.of("id_token"),
            List.of("public"),
            List.of("RS256"),
            List.of("openid"),
            Issuer.claims()));
  }

  private void keys(Context ctx) {
    address();
    ctx.header("Cache-Control", KEPT);
    ctx.contentType("application/jwk-set+json").result(issuer.keySet());
  }

  private void mint(Context ctx) {
    String attempt = ctx.pathParam("attempt");
    long fence = Http.number(ctx, "fence", 0, Long.MAX_VALUE, -1);
    if (fence < 0) {
      throw new Problem(400, "a token for " + attempt + " needs the fence in the query");
    }
    AgentApi.IdentityAsked asked = Http.body(ctx, AgentApi.IdentityAsked.class);
    ctx.header("Cache-Control", "no-store");
    switch (identities.mint(new Identities.Ask(gate.agent(ctx), attempt, fence, asked, ctx.ip()))) {
      case Identities.Answer.Minted(String token, var until) ->
          Http.answer(ctx, AgentApi.Identity.class, new AgentApi.Identity(token, until));
      case Identities.Answer.Refused(String why, boolean lost) ->
          throw new Problem(lost ? 409 : 403, why);
    }
  }

  private void replace(Context ctx) {
    String made =
        issuer.replaceKeys((session, id) ->
            onRecord.done(
                session,
                ctx,
                "identity.replace-keys",
                id,
                "all earlier keys are gone, and what they signed with them"));
    Http.answer(ctx, Replaced.class, new Replaced(made));
  }
}
