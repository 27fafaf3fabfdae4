package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Contacts;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;

/** What jobs reached over the network, and what was refused. */
final class ContactRoutes {
  private final Database database;
  private final Repositories repositories;
  private final Attempts attempts;

  ContactRoutes(Database database, Repositories repositories, Attempts attempts) {
    this.database = database;
    this.repositories = repositories;
    this.attempts = attempts;
  }

  record Reached(List<Contact> contacts) {}

  void on(Router router) {
    router.repository(
        Permission.VIEW, HandlerType.GET, "/api/v1/attempts/{attempt}/contacts", this::ofAttempt);
    router.repository(
        Permission.VIEW,
        HandlerType.GET,
        "/api/v1/repositories/{name}/contacts",
        this::ofRepository);
  }

  private void ofAttempt(Context ctx) {
    String attempt = ctx.pathParam("attempt");
    Http.answer(
        ctx,
        Reached.class,
        database.read(s -> {
          attempts.find(s, attempt);
          return new Reached(Contacts.of(s, attempt));
        }));
  }

  private void ofRepository(Context ctx) {
    var name = Http.name(ctx);
    String id =
        repositories
            .byName(name)
            .orElseThrow(() -> new Problem(404, "there is no repository " + name))
            .id();
    long most = Http.number(ctx, "attempts", 1, 10_000, 100);
    Http.answer(
        ctx, Reached.class, database.read(s -> new Reached(Contacts.ofRepository(s, id, most))));
  }
}
