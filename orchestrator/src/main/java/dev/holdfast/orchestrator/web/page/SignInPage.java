package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.SigningIn;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.Sessions;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Signing in, by a token or at a forge or provider, signing out, and how pages look. */
final class SignInPage {
  static final String PATH = "/sign-in";

  /** A path of ours: what begins with two slashes is another host's address. */
  private static final Pattern OWN = Pattern.compile("/(?:[!-.0-\\[\\]-~][!-\\[\\]-~]{0,1999})?");

  private final Gate gate;
  private final Access access;
  private final SigningIn signingIn;

  SignInPage(Gate gate, Access access, SigningIn signingIn) {
    this.gate = gate;
    this.access = access;
    this.signingIn = signingIn;
  }

  /**
   * What the page shows.
   *
   * @param to where it leads
   */
  record View(List<String> providers, String to, Optional<String> problem) {
    String way(String provider) {
      return "/login/" + encoded(provider) + "?to=" + encoded(to);
    }
  }

  void on(Router router) {
    router.open(HandlerType.GET, PATH, this::show);
    router.open(HandlerType.POST, PATH, this::signIn);
    router.user(HandlerType.POST, "/sign-out", this::signOut);
    router.open(HandlerType.POST, "/theme", SignInPage::theme);
  }

  /** {@code asked} if it leads to a page of ours and not back to signing in. */
  static Optional<String> own(Optional<String> asked) {
    return asked
        .filter(path -> OWN.matcher(path).matches())
        .filter(path -> !path.startsWith(PATH) && !path.startsWith("/login/"));
  }

  /** Where somebody signs in who wants to see {@code here}. */
  static String before(String here) {
    return own(Optional.of(here))
        .filter(path -> !path.equals("/"))
        .map(path -> PATH + "?to=" + encoded(path))
        .orElse(PATH);
  }

  private void show(Context ctx) {
    show(ctx, 200, Http.query(ctx, "to"), Optional.empty());
  }

  private void show(Context ctx, int status, Optional<String> to, Optional<String> problem) {
    var view = new View(signingIn.names(), own(to).orElse("/"), problem);
    Html.answer(
        ctx,
        status,
        (out, none) -> JtesigninGenerated.render(out, none, Shell.of(ctx, "Sign in"), view));
  }

  private void signIn(Context ctx) {
    fromHere(ctx);
    Optional<String> to = Optional.ofNullable(ctx.formParam("to"));
    String token = Optional.ofNullable(ctx.formParam("token")).orElse("").strip();
    boolean encrypted = Optional.ofNullable(ctx.header("Origin")).orElse("").startsWith("https:");
    Optional<Tokens.Made> made = access.tokens().beginWith(token, encrypted, Optional.of(ctx.ip()));
    if (made.isEmpty()) {
      show(
          ctx,
          403,
          to,
          Optional.of("That is no user's token in force. Tokens of people begin with hft_."));
      return;
    }
    Sessions.begin(ctx, made.get().secret(), encrypted);
    Html.go(ctx, own(to).orElse("/"));
  }

  private void signOut(Context ctx) {
    access.tokens().signOut(gate.caller(ctx));
    Sessions.end(ctx);
    Html.go(ctx, PATH);
  }

  private static void theme(Context ctx) {
    fromHere(ctx);
    String theme = Optional.ofNullable(ctx.formParam("theme")).orElse("");
    if (!Shell.THEMES.contains(theme)) {
      throw new Problem(400, "a page is light, dark, or auto");
    }
    ctx.res()
        .addHeader(
            "Set-Cookie",
            Shell.THEME + "=" + theme + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000");
    Html.go(ctx, own(Optional.ofNullable(ctx.formParam("to"))).orElse("/"));
  }

  /**
   * Refuses what another site's page has a browser send. There is no session yet whose secret a
   * form could show; browsers say themselves where a form was.
   */
  private static void fromHere(Context ctx) {
    String site = ctx.header("Sec-Fetch-Site");
    String origin = ctx.header("Origin");
    boolean said = site != null || origin != null;
    boolean here =
        (site == null || site.equals("same-origin"))
            && (origin == null
                || origin.replaceFirst("^https?://", "").equalsIgnoreCase(ctx.header("Host")));
    if (!said || !here) {
      throw new Problem(
          403,
          "this did not come from a page of ours; a proxy in front of Holdfast has to pass on the"
              + " Host that browsers send");
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
