package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.run.Attempts;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/** Logs, whole, in part, or as they grow. */
final class LogRoutes {
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final long PIECE = 1024 * 1024;

  private final Gate gate;
  private final Database database;
  private final Attempts attempts;
  private final LogStore logs;
  private volatile boolean closing;

  LogRoutes(Gate gate, Database database, Attempts attempts, LogStore logs) {
    this.gate = gate;
    this.database = database;
    this.attempts = attempts;
    this.logs = logs;
  }

  void on(Router router) {
    router.repository(
        Permission.VIEW, HandlerType.GET, "/api/v1/attempts/{attempt}/log", this::log);
  }

  /** Ends those who follow. */
  void close() {
    closing = true;
  }

  private void log(Context ctx) throws IOException, InterruptedException {
    String attempt = ctx.pathParam("attempt");
    boolean over = over(attempt);
    long length = logs.length(attempt);
    long tail = Http.number(ctx, "tail", 0, Long.MAX_VALUE, -1);
    long offset =
        tail >= 0 ? Math.max(0, length - tail) : Http.number(ctx, "offset", 0, Long.MAX_VALUE, 0);
    long limit = Http.number(ctx, "limit", 0, Long.MAX_VALUE, Long.MAX_VALUE);
    boolean follow = Http.flag(ctx, "follow");
    ctx.contentType("text/plain; charset=utf-8")
        .header("X-Content-Type-Options", "nosniff")
        .header("Holdfast-Log-Offset", String.valueOf(offset))
        .header("Holdfast-Log-Length", String.valueOf(length));
    OutputStream out = ctx.res().getOutputStream();
    if (!follow || over) {
      copy(attempt, offset, Math.min(limit, Math.max(0, length - offset)), out);
      return;
    }
    out.flush();
    long at = offset;
    while (!closing && gate.stands(ctx)) {
      long end = logs.length(attempt);
      if (end > at) {
        at = copy(attempt, at, end - at, out);
        out.flush();
      } else if (logs.await(attempt, at, LOOK) || (over(attempt) && logs.length(attempt) <= at)) {
        return;
      }
    }
  }

  /** Copies in pieces, so that nobody holds the store for long. */
  private long copy(String attempt, long offset, long count, OutputStream out) throws IOException {
    long at = offset;
    long end = offset + count;
    while (at < end) {
      long piece = Math.min(PIECE, end - at);
      logs.read(attempt, at, piece, out);
      at += piece;
    }
    return at;
  }

  private boolean over(String attempt) {
    return database.read(s -> attempts.find(s, attempt)).state().over();
  }
}
