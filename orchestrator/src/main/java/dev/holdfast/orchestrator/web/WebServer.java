package dev.holdfast.orchestrator.web;

import dev.holdfast.model.audit.Verification;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Linking;
import dev.holdfast.orchestrator.access.SigningIn;
import dev.holdfast.orchestrator.artifact.Kept;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.environment.Deployments;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.hold.Again;
import dev.holdfast.orchestrator.hold.Approving;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.hold.StepHolds;
import dev.holdfast.orchestrator.hook.Hooks;
import dev.holdfast.orchestrator.identity.Identities;
import dev.holdfast.orchestrator.identity.Issuer;
import dev.holdfast.orchestrator.intake.Differences;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.intake.Replay;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.seal.MasterKeys;
import dev.holdfast.orchestrator.seal.MasterRotation;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import dev.holdfast.orchestrator.secret.Secrets;
import dev.holdfast.orchestrator.secret.SeenBy;
import dev.holdfast.orchestrator.web.page.Pages;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: every route, and what every failure is answered with. */
public final class WebServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private static final String BEGUN = "holdfast.begun";

  // Longer than the longest poll and wait, so that neither is cut off.
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Javalin javalin;
  private final LogRoutes logRoutes;
  private final Pages pages;
  private final Map<String, String> routes;
  private final Map<String, String> pageRoutes;

  /** Everything that routes speak to. */
  public record Parts(
      Database database,
      Repositories repositories,
      Forge forge,
      Inbox inbox,
      Runs runs,
      Attempts attempts,
      RunWatch watch,
      Leases leases,
      Agents agents,
      Clearances clearances,
      Access access,
      Linking linking,
      SigningIn signingIn,
      Holds holds,
      Approving approving,
      Environments environments,
      Deployments deployments,
      StepHolds stepHolds,
      Again again,
      Linked linked,
      Hooks hooks,
      Relay relay,
      IdentityParts identity,
      Function<Repository.Kind, Dialect> dialects,
      Replay replay,
      Differences differences,
      People people,
      Audit audit,
      AuditCheck auditCheck,
      SecretParts secret,
      Kept kept,
      LogStore logs,
      Metrics metrics,
      SecretDelivery secretDelivery,
      InstantSource clock) {}

  /** Goes through all of the audit log; an {@link IOException} where nothing could be checked. */
  @FunctionalInterface
  public interface AuditCheck {
    Verification.Result result() throws IOException;
  }

  /** What routes about secrets speak to. */
  public record SecretParts(
      Secrets secrets, SeenBy seenBy, MasterKeys masters, MasterRotation rotation) {}

  /** What routes about the identity of jobs speak to. */
  public record IdentityParts(Issuer issuer, Identities identities) {}

  private WebServer(
      Javalin javalin,
      LogRoutes logRoutes,
      Pages pages,
      Map<String, String> routes,
      Map<String, String> pageRoutes) {
    this.javalin = javalin;
    this.logRoutes = logRoutes;
    this.pages = pages;
    this.routes = routes;
    this.pageRoutes = pageRoutes;
  }

  /**
   * Listens at {@code host} and {@code port}; 0 is any free port.
   *
   * @throws IOException if it cannot; the message is for people
   */
  public static WebServer start(String host, int port, Parts parts) throws IOException {
    var gate =
        new Gate(
            parts.access(),
            parts.agents(),
            parts.database(),
            new Refusals(parts.database(), parts.audit(), parts.clock()));
    var logRoutes = new LogRoutes(gate, parts.database(), parts.attempts(), parts.logs());
    var routes = new java.util.TreeMap<String, String>();
    var pageRoutes = new java.util.TreeMap<String, String>();
    var pages = new Pages(parts);
    Javalin javalin =
        Javalin.create(config -> {
          settings(config);
          var router = new Router(config.routes, gate, Optional.empty());
          var onRecord = new OnRecord(gate, parts.database(), parts.audit());
          new OpenRoutes(parts.database(), parts.metrics()).on(router);
          new AgentRoutes(
                  gate,
                  parts.agents(),
                  parts.leases(),
                  parts.stepHolds(),
                  parts.clock(),
                  parts.logs(),
                  parts.clearances().key())
              .on(router);
          new DeliveryRoutes(
                  gate, parts.database(), parts.leases(), parts.attempts(), parts.secretDelivery())
              .on(router);
          new SourceRoutes(
                  gate,
                  parts.database(),
                  parts.leases(),
                  parts.attempts(),
                  parts.runs(),
                  parts.repositories(),
                  parts.forge())
              .on(router);
          var repositoryActions =
              new RepositoryActions(
                  parts.database(),
                  parts.repositories(),
                  parts.forge(),
                  gate,
                  onRecord,
                  parts.clock());
          new RepositoryRoutes(
                  gate,
                  repositoryActions,
                  parts.repositories(),
                  parts.forge(),
                  parts.inbox(),
                  onRecord,
                  parts.database(),
                  parts.clock())
              .on(router);
          var view = new RunView(parts.runs(), parts.agents(), parts.repositories());
          var actions =
              new RunActions(
                  parts.database(), parts.runs(), parts.holds(), gate, onRecord, parts.clock());
          new RunRoutes(
                  parts.database(),
                  parts.repositories(),
                  parts.runs(),
                  actions,
                  gate,
                  parts.watch(),
                  view)
              .on(router);
          var holdActions =
              new HoldActions(
                  parts.database(),
                  parts.approving(),
                  parts.again(),
                  gate,
                  onRecord,
                  parts.clock());
          new HoldRoutes(
                  gate,
                  parts.database(),
                  parts.repositories(),
                  parts.runs(),
                  parts.approving(),
                  holdActions,
                  parts.clock())
              .on(router);
          var policyActions =
              new PolicyActions(
                  gate,
                  parts.database(),
                  parts.repositories(),
                  parts.again(),
                  parts.replay(),
                  onRecord,
                  parts.clock());
          new PolicyRoutes(policyActions, parts.database()).on(router);
          var environmentActions =
              new EnvironmentActions(
                  gate,
                  parts.database(),
                  parts.repositories(),
                  parts.environments(),
                  parts.deployments(),
                  parts.runs(),
                  parts.access(),
                  onRecord,
                  parts.clock());
          new EnvironmentRoutes(environmentActions).on(router);
          var forgeActions =
              new ForgeActions(
                  parts.database(),
                  parts.repositories(),
                  parts.linked(),
                  parts.forge(),
                  parts.dialects(),
                  parts.relay(),
                  onRecord,
                  parts.clock());
          new ForgeRoutes(forgeActions).on(router);
          new AppRoutes(parts.database(), parts.linked(), parts.relay(), onRecord, parts.clock())
              .on(router);
          new RelayRoutes(parts.database(), parts.relay(), parts.repositories(), onRecord)
              .on(router);
          new HookRoutes(parts.hooks()).on(router);
          new KeptRoutes(gate, parts.leases(), parts.kept()).on(router);
          new ArtifactRoutes(parts.database(), parts.kept(), parts.repositories(), onRecord)
              .on(router);
          new IdentityRoutes(
                  gate, parts.identity().issuer(), parts.identity().identities(), onRecord)
              .on(router);
          logRoutes.on(router);
          new ContactRoutes(parts.database(), parts.repositories(), parts.attempts()).on(router);
          new FleetRoutes(gate, parts.agents(), parts.access().tokens(), parts.database())
              .on(router);
          var accessActions = new AccessActions(gate, parts.access(), parts.repositories());
          new UserRoutes(gate, parts.access(), parts.repositories(), accessActions).on(router);
          new LinkRoutes(gate, parts.access(), parts.linking(), parts.signingIn()).on(router);
          var auditView = new AuditView(gate);
          new AuditRoutes(auditView, parts.database()).on(router);
          var secretActions =
              new SecretActions(
                  gate, parts.secret().secrets(), parts.repositories(), parts.database(), onRecord);
          new SecretRoutes(
                  gate,
                  parts.secret().secrets(),
                  secretActions,
                  parts.secret().seenBy(),
                  parts.secret().masters())
              .on(router);
          new MasterKeyRoutes(gate, parts.secret().rotation()).on(router);
          new TokenRoutes(gate, parts.access(), parts.repositories(), accessActions).on(router);
          routes.putAll(router.all());
          var pageRouter = new Router(config.routes, gate, Optional.of(parts.clock()));
          pages.on(
              pageRouter,
              gate,
              onRecord,
              view,
              actions,
              holdActions,
              new SettingActions(
                  repositoryActions,
                  forgeActions,
                  secretActions,
                  policyActions,
                  environmentActions,
                  accessActions,
                  auditView));
          pageRoutes.putAll(pageRouter.all());
          failures(config.routes);
          measured(config.routes, parts.metrics());
        });
    try {
      return new WebServer(
          javalin.start(host, port),
          logRoutes,
          pages,
          java.util.Collections.unmodifiableMap(routes),
          java.util.Collections.unmodifiableMap(pageRoutes));
    } catch (JavalinException e) {
      throw new IOException(
          "cannot listen at " + host + ":" + port + "; free that address or choose another", e);
    }
  }

  /** The port that it listens at. */
  public int port() {
    return javalin.port();
  }

  /** All routes, as {@code GET /path}, with what each needs of whoever calls. */
  public Map<String, String> routes() {
    return routes;
  }

  /** The same for what browsers are shown. */
  public Map<String, String> pages() {
    return pageRoutes;
  }

  private static void settings(JavalinConfig config) {
    config.concurrency.useVirtualThreads = true;
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = Http.MOST_BODY;
    config.http.defaultContentType = "application/json";
    // Logs are followed byte by byte; answers are small.
    config.http.compressionStrategy = io.javalin.compression.CompressionStrategy.NONE;
    config.jetty.modifyServer(server -> server.setStopTimeout(GRACE.toMillis()));
    config.jetty.modifyHttpConfiguration(http -> {
      http.setSendServerVersion(false);
      http.setIdleTimeout(IDLE.toMillis());
    });
  }

  private static void measured(RoutesConfig routes, Metrics metrics) {
    routes.before(ctx -> ctx.attribute(BEGUN, System.nanoTime()));
    routes.after(ctx -> {
      Long begun = ctx.attribute(BEGUN);
      if (begun != null) {
        metrics.http(
            ctx.method().name(),
            route(ctx),
            ctx.statusCode(),
            Duration.ofNanos(System.nanoTime() - begun));
      }
    });
  }

  private static String route(Context ctx) {
    @org.jspecify.annotations.Nullable Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
    return matched == null ? "none" : matched.path;
  }

  private static void failures(RoutesConfig routes) {
    Told.KINDS.forEach(kind -> tell(routes, kind));
    routes.exception(
        HttpResponseException.class,
        (e, ctx) ->
            refuse(
                ctx,
                e.getStatus(),
                e.getStatus() == 404
                    ? "there is nothing at this address; see /api/v1/openapi.json"
                    : e.getMessage()));
    routes.exception(
        IOException.class,
        (e, ctx) -> {
          LOG.warn("{} {}: {}", ctx.method(), ctx.path(), e.toString());
          refuse(ctx, 503, "the log store cannot be used now: " + e.getMessage());
        });
    routes.exception(
        UncheckedIOException.class,
        (e, ctx) -> LOG.debug("{} {}: {}", ctx.method(), ctx.path(), e.getMessage()));
    routes.exception(
        InterruptedException.class,
        (e, ctx) -> {
          Thread.currentThread().interrupt();
          refuse(ctx, 503, "the orchestrator is shutting down; try again");
        });
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("{} {}", ctx.method(), ctx.path(), e);
          refuse(ctx, 500, "something went wrong here; the orchestrator's log says what");
        });
  }

  private static <E extends Exception> void tell(RoutesConfig routes, Class<E> kind) {
    routes.exception(
        kind,
        (e, ctx) -> {
          Problem told = Told.of(e).orElseThrow(() -> new IllegalStateException(e));
          refuse(ctx, told.status(), told.getMessage());
        });
  }

  private static void refuse(
      Context ctx, int status, @org.jspecify.annotations.Nullable String message) {
    if (ctx.res().isCommitted()) {
      return;
    }
    String line = message == null ? "refused" : message.replace('\n', ' ');
    ReadAway.rest(ctx);
    if (Router.isPage(ctx) || Pages.wanted(ctx)) {
      Pages.refuse(ctx, status, line);
      return;
    }
    Http.answer(ctx, status, AgentApi.Refusal.class, new AgentApi.Refusal(line));
  }

  /** Ends what waits, answers what is under way, and listens no more. */
  @Override
  public void close() {
    logRoutes.close();
    pages.close();
    try {
      javalin.stop();
    } catch (JavalinException e) {
      if (!(e.getCause() instanceof TimeoutException)) {
        throw e;
      }
      // It has stopped all the same: only what was under way for too long was cut off.
      LOG.warn("requests that were still under way after {} s were cut off", GRACE.toSeconds());
    }
  }
}
