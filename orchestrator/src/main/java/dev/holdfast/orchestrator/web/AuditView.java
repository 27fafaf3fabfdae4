package dev.holdfast.orchestrator.web;

import dev.holdfast.model.audit.Entry;
import dev.holdfast.model.audit.Kept;
import dev.holdfast.orchestrator.audit.AuditLog;
import io.javalin.http.Context;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/** What is on record, as it is asked for and shown. */
public record AuditView(Gate gate) {
  /**
   * An entry.
   *
   * @param name of the actor, as it is now
   */
  public record Shown(
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

  /** What the query asks for, after the entry with this number. */
  public AuditLog.Asked asked(Context ctx, long after, int limit) {
    return new AuditLog.Asked(
        Http.query(ctx, "who").map(gate::idOf),
        Http.query(ctx, "what"),
        Http.query(ctx, "on"),
        Http.query(ctx, "since").map(AuditView::time),
        after,
        limit);
  }

  public Shown shown(Kept kept) {
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
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new Problem(400, "since: give a time as 2026-01-31T00:00:00Z");
    }
  }
}
