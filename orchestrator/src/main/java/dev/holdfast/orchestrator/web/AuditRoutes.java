package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.audit.Entry;
import dev.holdfast.model.audit.Kept;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.db.Database;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/** What is on record. */
final class AuditRoutes {
  private final Gate gate;
  private final Database database;

  AuditRoutes(Gate gate, Database database) {
    this.gate = gate;
    this.database = database;
  }

  /**
   * An entry.
   *
   * @param name of the actor, as it is now
   */
  record Shown(
      long number,
      Instant at,
      String actor,
      String name,
      String action,
      String subject,
      Optional<String> from,
      String outcome,
      List<String> reasons,
      String hash) {}

  record All(List<Shown> entries) {}

  void on(Router router) {
    router.installation(Permission.READ_AUDIT, HandlerType.GET, "/api/v1/audit", this::list);
  }

  private void list(Context ctx) {
    var asked =
        new AuditLog.Asked(
            Http.query(ctx, "who").map(gate::idOf),
            Http.query(ctx, "what"),
            Http.query(ctx, "on"),
            Http.query(ctx, "since").map(AuditRoutes::time),
            Http.number(ctx, "after", 0, Long.MAX_VALUE, 0),
            (int) Http.number(ctx, "limit", 1, 1000, 200));
    List<Kept> found = database.read(session -> AuditLog.find(session, asked));
    Http.answer(ctx, All.class, new All(found.stream().map(this::shown).toList()));
  }

  private Shown shown(Kept kept) {
    Entry entry = kept.entry();
    return new Shown(
        entry.number(),
        entry.at(),
        entry.actor(),
        gate.nameOf(entry.actor()),
        entry.action(),
        entry.subject(),
        entry.from(),
        entry.outcome().toLowerCase(java.util.Locale.ROOT),
        entry.reasons(),
        kept.hash());
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new Problem(400, "since: give a time as 2026-01-31T00:00:00Z");
    }
  }
}
