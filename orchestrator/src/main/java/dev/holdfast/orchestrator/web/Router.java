package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.access.Tokens;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;

/** Puts routes in place, each behind the token that it needs. */
final class Router {
  private final RoutesConfig routes;
  private final Gate gate;
  private final List<String> all = new ArrayList<>();

  Router(RoutesConfig routes, Gate gate) {
    this.routes = routes;
    this.gate = gate;
  }

  /** A route that anybody may call. */
  void open(HandlerType method, String path, Handler handler) {
    all.add(method.name() + " " + path);
    routes.addHttpHandler(method, path, handler);
  }

  void admin(HandlerType method, String path, Handler handler) {
    behind(Tokens.Kind.ADMIN, method, path, handler);
  }

  void agent(HandlerType method, String path, Handler handler) {
    behind(Tokens.Kind.AGENT, method, path, handler);
  }

  private void behind(Tokens.Kind kind, HandlerType method, String path, Handler handler) {
    open(
        method,
        path,
        ctx -> {
          gate.check(ctx, kind);
          handler.handle(ctx);
        });
  }

  /** All routes, as {@code GET /path}. */
  List<String> all() {
    return List.copyOf(all);
  }
}
