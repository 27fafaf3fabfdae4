package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Identity;
import dev.holdfast.orchestrator.access.Linking;
import dev.holdfast.orchestrator.access.SigningIn;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.web.page.Pages;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.Optional;

/**
 * How somebody shows that an account at a forge is theirs, and signs in with it; {@link Linking}
 * and {@link SigningIn} have the steps.
 */
final class LinkRoutes {
  private static final String COOKIE = "holdfast-link";

  private final Gate gate;
  private final Access access;
  private final Linking linking;
  private final SigningIn signingIn;

  LinkRoutes(Gate gate, Access access, Linking linking, SigningIn signingIn) {
    this.signingIn = signingIn;
    this.gate = gate;
    this.access = access;
    this.linking = linking;
  }

  record Ask(String forge) {}

  record Begun(String url, Instant expires) {}

  record Confirm(String code) {}

  record Linked(String id, String forge, String account, String name, Instant linked) {}

  /**
   * A session.
   *
   * @param csrf to send as a header with whatever changes something
   */
  record Shown(String user, String csrf, Optional<Instant> expires) {}

  record Ended(String user) {}

  void on(Router router) {
    router.open(HandlerType.GET, "/login/{forge}", this::signIn);
    router.user(HandlerType.GET, "/api/v1/session", this::session);
    router.user(HandlerType.DELETE, "/api/v1/session", this::signOut);
    router.user(HandlerType.POST, "/api/v1/identities/links", this::begin);
    router.user(HandlerType.POST, "/api/v1/identities/confirm", this::confirm);
    router.open(HandlerType.GET, "/login/{forge}/start", this::start);
    router.open(HandlerType.GET, "/login/{forge}/callback", this::callback);
  }

  private void begin(Context ctx) {
    Linking.Link link = linking.begin(gate.caller(ctx), Http.body(ctx, Ask.class).forge());
    Http.answer(ctx, 201, Begun.class, new Begun(link.url().toString(), link.until()));
  }

  private void start(Context ctx) {
    away(ctx, linking.start(ctx.pathParam("forge"), Http.query(ctx, "link").orElse("")));
  }

  private void signIn(Context ctx) {
    away(ctx, signingIn.start(ctx.pathParam("forge"), Pages.way(Http.query(ctx, "to"))));
  }

  private void session(Context ctx) {
    Tokens.Token session = ofSession(ctx);
    Http.answer(
        ctx,
        Shown.class,
        new Shown(gate.caller(ctx).user().name().value(), Sessions.csrf(ctx), session.expires()));
  }

  private void signOut(Context ctx) {
    ofSession(ctx);
    access.tokens().signOut(gate.caller(ctx));
    Sessions.end(ctx);
    Http.answer(ctx, Ended.class, new Ended(gate.caller(ctx).user().name().value()));
  }

  private Tokens.Token ofSession(Context ctx) {
    Tokens.Token token = gate.token(ctx);
    if (token.kind() != Tokens.Kind.SESSION) {
      throw new Problem(409, "this was asked with a token; there is no session");
    }
    return token;
  }

  private static void away(Context ctx, Linking.Away away) {
    closed(ctx);
    ctx.header(
        "Set-Cookie",
        COOKIE
            + "="
            + away.browser()
            + "; Path=/login; HttpOnly; SameSite=Lax; Max-Age=600"
            + (away.encrypted() ? "; Secure" : ""));
    ctx.status(302).header("Location", away.url().toString());
  }

  private void callback(Context ctx) {
    String browser = ctx.cookie(COOKIE);
    Optional<SigningIn.In> in =
        signingIn.callback(
            ctx.pathParam("forge"),
            Http.query(ctx, "state").orElse(""),
            Http.query(ctx, "code").orElse(""),
            browser == null ? "" : browser,
            Optional.of(ctx.ip()));
    if (in.isPresent()) {
      closed(ctx);
      Sessions.begin(ctx, in.get().secret(), in.get().encrypted());
      if (in.get().to().isPresent()) {
        ctx.status(303).header("Location", in.get().to().get());
        return;
      }
      ctx.contentType("text/plain; charset=utf-8")
          .result("You are signed in as " + in.get().user().name() + ".\n");
      return;
    }
    Linking.Told told =
        linking.callback(
            ctx.pathParam("forge"),
            Http.query(ctx, "state").orElse(""),
            Http.query(ctx, "code").orElse(""),
            browser == null ? "" : browser);
    closed(ctx);
    // Plain text: a name at a forge is somebody's choice, and there is nothing here to run it.
    ctx.contentType("text/plain; charset=utf-8")
        .result(
            "You signed in as "
                + told.account()
                + ".\n\nThe user "
                + access.directory().nameOf(told.user())
                + " asked for it. If that is not you, close this page: whoever has the code below"
                + " makes your account theirs.\n\n  holdfast user link --code "
                + told.code()
                + "\n");
  }

  /** Nothing of it is kept by the browser, or told to where it goes next. */
  private static void closed(Context ctx) {
    ctx.header("Cache-Control", "no-store")
        .header("Referrer-Policy", "no-referrer")
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }

  private void confirm(Context ctx) {
    Identity identity =
        linking.confirm(gate.caller(ctx), Http.body(ctx, Confirm.class).code().strip());
    Http.answer(
        ctx,
        Linked.class,
        new Linked(
            identity.id(),
            identity.forge(),
            identity.account(),
            identity.name(),
            identity.linked()));
  }
}
