package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.audit.Kept;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.db.Database;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;

/** What is on record. */
final class AuditRoutes {
  private final AuditView view;
  private final Database database;

  AuditRoutes(AuditView view, Database database) {
    this.view = view;
    this.database = database;
  }

  record All(List<AuditView.Shown> entries) {}

  void on(Router router) {
    router.installation(Permission.READ_AUDIT, HandlerType.GET, "/api/v1/audit", this::list);
  }

  private void list(Context ctx) {
    AuditLog.Asked asked =
        view.asked(
            ctx,
            Http.number(ctx, "after", 0, Long.MAX_VALUE, 0),
            (int) Http.number(ctx, "limit", 1, 1000, 200));
    List<Kept> found = database.read(session -> AuditLog.find(session, asked));
    Http.answer(ctx, All.class, new All(found.stream().map(view::shown).toList()));
  }
}
