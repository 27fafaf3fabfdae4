package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.metric.Metrics;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;

/** What anybody may ask: health, figures, and how to ask for the rest. */
final class OpenRoutes {
  private final Database database;
  private final Metrics metrics;

  OpenRoutes(Database database, Metrics metrics) {
    this.database = database;
    this.metrics = metrics;
  }

  record Health(String status) {}

  void on(Router router) {
    router.open(
        HandlerType.GET, "/healthz", ctx -> Http.answer(ctx, Health.class, new Health("ok")));
    router.open(HandlerType.GET, "/readyz", this::ready);
    router.open(
        HandlerType.GET,
        "/metrics",
        ctx -> ctx.contentType("text/plain; version=0.0.4").result(metrics.text()));
    router.open(HandlerType.GET, "/api/v1/openapi.json", OpenRoutes::description);
  }

  private void ready(Context ctx) {
    database.read(s -> s.first("SELECT 1", row -> 1));
    Http.answer(ctx, Health.class, new Health("ready"));
  }

  private static void description(Context ctx) throws IOException {
    try (InputStream in = OpenRoutes.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("openapi.json is missing in this build");
      }
      ctx.contentType("application/json").result(in.readAllBytes());
    }
  }
}
