package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.hold.Decider;
import dev.holdfast.orchestrator.hold.NotAllowed;
import dev.holdfast.orchestrator.hold.Seen;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.HoldActions;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Where somebody decides whether what waits may run. The forms say what was looked at, so that a
 * click is over that and nothing else.
 */
final class HoldPage {
  private final Gate gate;
  private final Database database;
  private final HoldSheets sheets;
  private final Comparisons comparisons;
  private final HoldActions actions;
  private final Live live;
  private final InstantSource clock;

  HoldPage(
      Gate gate,
      Database database,
      HoldSheets sheets,
      Comparisons comparisons,
      HoldActions actions,
      Live live,
      InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.sheets = sheets;
    this.comparisons = comparisons;
    this.actions = actions;
    this.live = live;
    this.clock = clock;
  }

  /**
   * @param problem why what was just asked for was not done
   * @param said the reason that was given along, not to be typed again
   */
  record View(
      HoldSheet sheet,
      Optional<Comparison> compared,
      Optional<String> elsewhere,
      Optional<String> problem,
      String said,
      Instant now) {
    /** A reason, without what the page lists below. */
    String text(Reason reason) {
      return reason.cause() == Cause.WORKFLOWS_CHANGED
              && compared.filter(c -> c.definitions() instanceof Comparison.Part.Told).isPresent()
          ? "workflows are changed by who is not trusted, as listed below"
          : reason.text();
    }
  }

  void on(Router router) {
    router.repository(Permission.VIEW, HandlerType.GET, "/holds/{hold}", this::show);
    router.repository(Permission.VIEW, HandlerType.GET, "/live/holds/{hold}", this::listen);
    router.repository(Permission.APPROVE, HandlerType.POST, "/holds/{hold}/approve", this::approve);
    router.repository(Permission.APPROVE, HandlerType.POST, "/holds/{hold}/reject", this::reject);
    router.repository(Permission.START_RUNS, HandlerType.POST, "/holds/{hold}/again", this::again);
  }

  private void show(Context ctx) throws InterruptedException {
    show(ctx, 200, Optional.empty(), "");
  }

  private void show(Context ctx, int status, Optional<String> problem, String said)
      throws InterruptedException {
    String id = ctx.pathParam("hold");
    Caller caller = gate.caller(ctx);
    HoldSheet sheet = database.read(s -> sheets.of(s, id, caller));
    // Not within the read: it may take seconds, and others read as well.
    Optional<Comparison> compared = Optional.empty();
    if (sheet.repository().isPresent() && sheet.against().isPresent()) {
      compared =
          Optional.of(
              comparisons.of(sheet.repository().get(), sheet.against().get(), sheet.hold().head()));
    }
    var view =
        new View(
            sheet,
            compared,
            sheet
                .repository()
                .flatMap(r ->
                    sheet
                        .against()
                        .flatMap(base -> Elsewhere.compare(r, base, sheet.hold().head()))),
            problem,
            said,
            clock.instant());
    String title =
        (sheet.waits() ? "Waits: " : "Hold: ")
            + sheet.run().workflow()
            + " #"
            + sheet.run().number()
            + " · "
            + sheet.named();
    Html.answer(
        ctx,
        status,
        (out, none) ->
            JteholdGenerated.render(
                out,
                none,
                Shell.of(ctx, Visible.line(title, Visible.LINE)).live("/live/holds/" + id),
                view));
  }

  private void listen(Context ctx) throws IOException, InterruptedException {
    String id = ctx.pathParam("hold");
    String run =
        database
            .read(
                s -> s.first("SELECT run_id FROM hold WHERE id = ?", row -> row.text("run_id"), id))
            .orElseThrow(() -> new Problem(404, "there is no such hold"));
    live.changes(ctx, run, _ -> true);
  }

  private void approve(Context ctx) throws InterruptedException {
    decide(ctx, "", id -> actions.approve(ctx, id, Optional.of(seen(ctx)), Decider.Channel.WEB));
  }

  private void reject(Context ctx) throws InterruptedException {
    String said = Optional.ofNullable(ctx.formParam("reason")).orElse("");
    decide(
        ctx,
        said,
        id -> actions.reject(ctx, id, Optional.of(seen(ctx)), said, Decider.Channel.WEB));
  }

  private void again(Context ctx) throws InterruptedException {
    decide(ctx, "", id -> actions.again(ctx, id, Decider.Channel.WEB));
  }

  private interface Deciding {
    void on(String id);
  }

  /** Does it and shows what came of it; where it is refused, why, beside what there is now. */
  private void decide(Context ctx, String said, Deciding deciding) throws InterruptedException {
    String id = ctx.pathParam("hold");
    try {
      deciding.on(id);
    } catch (Conflict e) {
      show(ctx, 409, Optional.of(String.valueOf(e.getMessage())), said);
      return;
    } catch (NotAllowed e) {
      show(ctx, 403, Optional.of(String.valueOf(e.getMessage())), said);
      return;
    } catch (Problem e) {
      show(ctx, e.status(), Optional.of(String.valueOf(e.getMessage())), said);
      return;
    }
    Html.go(ctx, "/holds/" + id);
  }

  /** What the page was of that the form stood on; none is refused like another one. */
  private static Seen seen(Context ctx) {
    try {
      return new Seen(
          new CommitId(field(ctx, "head")),
          new CommitId(field(ctx, "base")),
          new Digest(field(ctx, "definition")));
    } catch (IllegalArgumentException e) {
      throw new Problem(
          400, "the form does not say what was looked at; open the page again and look");
    }
  }

  private static String field(Context ctx, String name) {
    return Optional.ofNullable(ctx.formParam(name)).orElse("");
  }
}
