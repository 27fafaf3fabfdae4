package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import io.javalin.http.Context;
import java.sql.SQLException;
import java.util.List;

/** Puts what callers do on record. */
public record OnRecord(Gate gate, Database database, Audit audit) {
  /** In the transaction that does it. */
  public void done(Session session, Context ctx, String action, String subject, String... reasons)
      throws SQLException {
    record(session, ctx, Audit.Outcome.DONE, action, subject, reasons);
  }

  /** What was not allowed, in a transaction of its own: the one that was to do it did nothing. */
  public void refused(Context ctx, String action, String subject, String why) {
    database.write(s -> {
      record(s, ctx, Audit.Outcome.REFUSED, action, subject, why);
      return true;
    });
  }

  private void record(
      Session session,
      Context ctx,
      Audit.Outcome outcome,
      String action,
      String subject,
      String... reasons)
      throws SQLException {
    Caller caller = gate.caller(ctx);
    audit.record(
        session,
        new Audit.Entry(
            caller.user().id(), action, subject, caller.from(), outcome, List.of(reasons)));
  }
}
