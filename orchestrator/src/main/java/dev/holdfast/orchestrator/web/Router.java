package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Tokens;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Puts routes in place, each behind what it needs of whoever calls. */
public final class Router {
  /** When a page was asked for, by our clock: that it was shows that it is one. */
  private static final String PAGE = "holdfast.page";

  private final RoutesConfig routes;
  private final Gate gate;
  private final Optional<InstantSource> pages;
  private final Map<String, String> all = new LinkedHashMap<>();

  /**
   * @param pages the clock of pages: for browsers, asked for by session alone, refused with a page
   */
  Router(RoutesConfig routes, Gate gate, Optional<InstantSource> pages) {
    this.routes = routes;
    this.gate = gate;
    this.pages = pages;
  }

  /** Whether what was asked for is a page. */
  static boolean isPage(Context ctx) {
    return asked(ctx).isPresent();
  }

  /** When it was asked for; empty where it is no page. */
  public static Optional<Instant> asked(Context ctx) {
    return Optional.ofNullable(ctx.attribute(PAGE));
  }

  /** A route that anybody may call. */
  public void open(HandlerType method, String path, Handler handler) {
    put(method, path, "open", handler);
  }

  /** For forges: the handler checks who signed the body, before anything else. */
  void signed(HandlerType method, String path, Handler handler) {
    put(method, path, "signature", handler);
  }

  /** For agents. */
  void agent(HandlerType method, String path, Handler handler) {
    put(
        method,
        path,
        "agent",
        ctx -> {
          gate.check(ctx, Tokens.Kind.AGENT);
          handler.handle(ctx);
        });
  }

  /** For every user, about themselves. */
  public void user(HandlerType method, String path, Handler handler) {
    put(
        method,
        path,
        "user",
        ctx -> {
          gate.check(ctx, Tokens.Kind.PERSON);
          handler.handle(ctx);
        });
  }

  /** For who has {@code needs} for the whole installation. */
  public void installation(Permission needs, HandlerType method, String path, Handler handler) {
    put(
        method,
        path,
        needs.word(),
        ctx -> {
          gate.installation(ctx, needs);
          handler.handle(ctx);
        });
  }

  /** For who has {@code needs} in some repository; the handler shows them only such. */
  public void somewhere(Permission needs, HandlerType method, String path, Handler handler) {
    put(
        method,
        path,
        needs.word() + " somewhere",
        ctx -> {
          gate.somewhere(ctx, needs);
          handler.handle(ctx);
        });
  }

  /** For who has {@code needs} in the repository that a part of the path leads to. */
  public void repository(Permission needs, HandlerType method, String path, Handler handler) {
    String part = gate.leadsToRepository(path);
    put(
        method,
        path,
        needs.word() + " in the repository",
        ctx -> {
          gate.repository(ctx, needs, part);
          handler.handle(ctx);
        });
  }

  /**
   * For who has {@code needs} in the repository that the query names as {@code repository}, or for
   * the whole installation where it names none.
   */
  public void queried(Permission needs, HandlerType method, String path, Handler handler) {
    put(
        method,
        path,
        needs.word() + " in the repository asked for",
        ctx -> {
          gate.queried(ctx, needs);
          handler.handle(ctx);
        });
  }

  private void put(HandlerType method, String path, String needs, Handler handler) {
    all.put(method.name() + " " + path, needs);
    routes.addHttpHandler(
        method,
        path,
        pages.isPresent()
            ? ctx -> {
              ctx.attribute(PAGE, pages.get().instant());
              handler.handle(ctx);
            }
            : handler);
  }

  /** All routes, as {@code GET /path}, with what each needs. */
  public Map<String, String> all() {
    return Map.copyOf(all);
  }
}
