package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.run.Runs;
import io.javalin.http.Context;
import java.time.InstantSource;

/** What people do with runs, however they ask for it. */
public record RunActions(
    Database database, Runs runs, Holds holds, Gate gate, OnRecord onRecord, InstantSource clock) {

  public void cancel(Context ctx, String id) {
    database.write(s -> {
      runs.cancel(s, id, clock.instant());
      onRecord.done(s, ctx, "run.cancel", id);
      holds.cancelled(s, id, gate.caller(ctx).user().id(), clock.instant());
      return true;
    });
  }

  public void rerun(Context ctx, String id, boolean failedOnly) {
    database.write(s -> {
      holds.rerun(s, id, failedOnly, clock.instant());
      onRecord.done(s, ctx, "run.rerun", id, failedOnly ? "what failed" : "all of it");
      return true;
    });
  }
}
