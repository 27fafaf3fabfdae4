package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.HoldActions;
import dev.holdfast.orchestrator.web.OnRecord;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.RunActions;
import dev.holdfast.orchestrator.web.RunView;
import dev.holdfast.orchestrator.web.SettingActions;
import dev.holdfast.orchestrator.web.WebServer;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Duration;
import java.util.Optional;

/** Every page, and what a browser is shown instead of one. */
public final class Pages implements AutoCloseable {
  /** How long a page waits for commits that have to be fetched first. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final WebServer.Parts parts;
  private volatile Optional<Live> live = Optional.empty();

  public Pages(WebServer.Parts parts) {
    this.parts = parts;
  }

  /** Puts all of them in place. */
  public void on(
      Router router,
      Gate gate,
      OnRecord onRecord,
      RunView view,
      RunActions actions,
      HoldActions holdActions,
      SettingActions settings) {
    var streams = new Live(gate, parts.watch());
    live = Optional.of(streams);
    router.open(HandlerType.GET, "/asset/{file}", Assets::answer);
    router.open(
        HandlerType.POST, CspReports.PATH, new CspReports(parts.metrics(), parts.clock())::take);
    new SignInPage(gate, parts.access(), parts.signingIn()).on(router);
    new RunsPage(gate, parts.database(), parts.repositories(), view, streams).on(router);
    new RunPage(
            gate,
            parts.database(),
            parts.runs(),
            parts.agents(),
            parts.kept().artifacts(),
            view,
            actions,
            streams)
        .on(router);
    new LogPage(parts.database(), parts.attempts(), parts.logs(), view, streams).on(router);
    new HoldsPage(gate, parts.database(), parts.repositories(), parts.runs(), parts.clock())
        .on(router);
    new HoldPage(
            gate,
            parts.database(),
            new HoldSheets(
                parts.access(),
                parts.repositories(),
                parts.runs(),
                parts.approving(),
                parts.clock()),
            new Comparisons(parts.differences(), PATIENCE),
            holdActions,
            streams,
            parts.clock())
        .on(router);
    new AgentsPage(parts.database(), parts.agents(), streams, parts.clock()).on(router);
    new EgressPage(gate, parts.database(), parts.repositories(), parts.clock()).on(router);
    new OverviewPage(gate, parts.database(), parts.repositories(), parts.agents(), parts.clock())
        .on(router);
    new BadgePage(
            gate,
            parts.database(),
            parts.repositories(),
            new Badges(parts.database(), parts.repositories(), parts.people(), parts.clock()),
            onRecord)
        .on(router);
    new RepositoriesPage(
            gate,
            parts.database(),
            parts.repositories(),
            parts.linked().apps(),
            settings.repositories(),
            settings.forges(),
            parts.identity().issuer().address())
        .on(router);
    new RepositoryPage(
            gate,
            parts.database(),
            parts.repositories(),
            parts.linked().links(),
            parts.forge(),
            parts.people(),
            settings.repositories(),
            settings.forges(),
            parts.identity().issuer().address())
        .on(router);
    new SecretsPage(
            gate,
            parts.database(),
            parts.repositories(),
            parts.environments(),
            parts.secret().secrets(),
            parts.secret().seenBy(),
            settings.secrets())
        .on(router);
    new EnvironmentsPage(gate, parts.database(), parts.repositories(), settings.environments())
        .on(router);
    new OrganisationsPage(gate, parts.database()).on(router);
    new UsersPage(gate, parts.access(), parts.repositories()).on(router);
    new TeamsPage(gate, parts.access(), parts.repositories()).on(router);
    new GrantsPage(gate, parts.access(), parts.repositories(), settings.access()).on(router);
    new TokensPage(gate, parts.access(), parts.repositories(), settings.access()).on(router);
    new AccountPage(gate, parts.access(), parts.linking(), parts.signingIn(), parts.repositories())
        .on(router);
    new AgentTokensPage(gate, parts.access().tokens(), parts.agents()).on(router);
    new PolicyPage(gate, parts.database(), parts.repositories(), settings.policies()).on(router);
    new AuditPage(
            gate, parts.database(), parts.repositories(), settings.audit(), parts.auditCheck())
        .on(router);
    router.user(HandlerType.GET, "/", ctx -> Html.go(ctx, "/runs"));
  }

  /** {@code asked} if it leads to a page of ours. */
  public static Optional<String> way(Optional<String> asked) {
    return SignInPage.own(asked);
  }

  /** Whether a browser asks for something that is not there, rather than a script. */
  public static boolean wanted(Context ctx) {
    String accepts = ctx.header("Accept");
    return ctx.method().equals(HandlerType.GET)
        && accepts != null
        && accepts.startsWith("text/html")
        && !ctx.path().startsWith("/api/")
        && !ctx.path().startsWith("/agent/");
  }

  /** Says why there is no page; who is not signed in is sent to sign in. */
  public static void refuse(Context ctx, int status, String why) {
    boolean reads = ctx.method().equals(HandlerType.GET);
    boolean page = wanted(ctx);
    if (status == 401 && reads && page) {
      String query = ctx.queryString();
      Html.go(ctx, SignInPage.before(ctx.path() + (query == null ? "" : "?" + query)));
      return;
    }
    String title =
        switch (status) {
          case 401 -> "You are not signed in";
          case 403 -> "You may not see or do this";
          case 404 -> "There is nothing here";
          case 409 -> "That cannot be done now";
          case 503 -> "Not now";
          default -> status < 500 ? "That was not understood" : "Something went wrong here";
        };
    String said =
        status == 404 && why.contains("openapi.json")
            ? "Nothing lives at this address. It may have been mistyped."
            : why;
    Html.answer(
        ctx,
        status,
        (out, none) ->
            JterefusedGenerated.render(out, none, Shell.of(ctx, title), status, title, said));
  }

  /** Ends what listens. */
  @Override
  public void close() {
    live.ifPresent(Live::close);
  }
}
