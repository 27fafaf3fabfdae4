package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hold.Approving;
import dev.holdfast.orchestrator.hold.Decider;
import dev.holdfast.orchestrator.hold.Hold;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What waits for a person, and what they say to it. */
final class HoldRoutes {
  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Runs runs;
  private final Approving approving;
  private final HoldActions actions;
  private final InstantSource clock;

  HoldRoutes(
      Gate gate,
      Database database,
      Repositories repositories,
      Runs runs,
      Approving approving,
      HoldActions actions,
      InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.runs = runs;
    this.approving = approving;
    this.actions = actions;
    this.clock = clock;
  }

  record Approve() {}

  record Reject(String reason) {}

  record DecideAgain() {}

  record Consent(String by, Instant at) {}

  /**
   * A hold.
   *
   * @param message what the author of that commit wrote of it
   * @param head the very commit that runs if it is released
   * @param base whose definitions run then
   * @param environments that releasing it grants
   * @param missing what releases it, in words
   */
  record Shown(
      String id,
      String repository,
      String run,
      long number,
      String workflow,
      Optional<String> job,
      Optional<StepShown> step,
      Hold.State state,
      List<Why> reasons,
      Optional<Contributor> contributor,
      Optional<Request> pullRequest,
      Optional<RunView.Message> message,
      String ref,
      String head,
      String base,
      List<EnvironmentName> environments,
      List<Consent> approvals,
      List<String> missing,
      Instant created,
      Instant expires,
      Optional<Instant> ended,
      Optional<String> endedBy,
      Optional<String> why) {}

  /**
   * A step that waits.
   *
   * @param number from 1, as people count
   */
  record StepShown(int number, String name) {}

  /** A number that may be absent. */
  record Request(long value) {}

  record Why(Cause cause, String text) {}

  record AllShown(List<Shown> holds) {}

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/api/v1/holds", this::list);
    router.repository(Permission.VIEW, HandlerType.GET, "/api/v1/holds/{hold}", this::show);
    router.repository(
        Permission.APPROVE, HandlerType.POST, "/api/v1/holds/{hold}/approve", this::approve);
    router.repository(
        Permission.APPROVE, HandlerType.POST, "/api/v1/holds/{hold}/reject", this::reject);
    router.repository(
        Permission.START_RUNS, HandlerType.POST, "/api/v1/holds/{hold}/again", this::again);
  }

  private void list(Context ctx) {
    Caller caller = gate.caller(ctx);
    Optional<String> repository =
        Http.query(ctx, "repository")
            .map(name ->
                repositories
                    .byName(new Name(name))
                    .filter(r -> caller.may(Permission.VIEW, Optional.of(r.id())))
                    .orElseThrow(() -> new Problem(404, "there is no repository " + name))
                    .id());
    Optional<String> run = Http.query(ctx, "run");
    int most = (int) Http.number(ctx, "limit", 1, 1000, 200);
    AllShown all =
        database.read(session -> {
          var holds = new ArrayList<Hold>();
          if (run.isPresent()) {
            holds.addAll(Holds.of(session, run.get()));
          } else if (repository.isPresent() || caller.may(Permission.VIEW, Optional.empty())) {
            holds.addAll(Holds.open(session, repository, most));
          } else {
            for (String id : gate.viewable(ctx)) {
              holds.addAll(Holds.open(session, Optional.of(id), most));
            }
          }
          var shown = new ArrayList<Shown>();
          for (Hold hold : holds) {
            if (caller.may(Permission.VIEW, Optional.of(hold.repository()))) {
              shown.add(shown(session, hold));
            }
          }
          return new AllShown(shown);
        });
    Http.answer(ctx, AllShown.class, all);
  }

  private void show(Context ctx) {
    answer(ctx, ctx.pathParam("hold"));
  }

  private void approve(Context ctx) {
    Http.body(ctx, Approve.class);
    String id = ctx.pathParam("hold");
    actions.approve(ctx, id, Optional.empty(), Decider.Channel.API);
    answer(ctx, id);
  }

  private void reject(Context ctx) {
    String reason = Http.body(ctx, Reject.class).reason();
    String id = ctx.pathParam("hold");
    actions.reject(ctx, id, Optional.empty(), reason, Decider.Channel.API);
    answer(ctx, id);
  }

  private void again(Context ctx) {
    Http.body(ctx, DecideAgain.class);
    String id = ctx.pathParam("hold");
    actions.again(ctx, id, Decider.Channel.API);
    answer(ctx, id);
  }

  private void answer(Context ctx, String id) {
    Http.answer(ctx, Shown.class, database.read(s -> shown(s, Holds.find(s, id))));
  }

  private Shown shown(Session session, Hold hold) throws SQLException {
    Run run = runs.find(session, hold.run());
    List<Consent> approvals =
        Approving.given(session, hold).stream()
            .map(given ->
                new Consent(gate.nameOf(given.approval().approver()), given.approval().at()))
            .toList();
    List<String> missing =
        switch (hold.asked().release()) {
          case Release.Mend(var mend) -> List.of(mend);
          case Release.Approval _ ->
              hold.state() == Hold.State.HELD
                  ? approving.missing(session, hold, clock.instant())
                  : List.of();
        };
    return new Shown(
        hold.id(),
        repositories
            .byId(hold.repository())
            .map(Repository::name)
            .map(Name::value)
            .orElse(hold.repository()),
        hold.run(),
        run.number(),
        run.workflow(),
        hold.job().map(Name::value),
        step(session, run, hold),
        hold.state(),
        hold.asked().reasons().stream().map(HoldRoutes::why).toList(),
        Holds.contributor(session, hold),
        hold.pullRequest().map(Request::new),
        RunView.message(session, run),
        run.ref(),
        hold.head().value(),
        hold.base().value(),
        approving.grants(session, hold),
        approvals,
        missing,
        hold.created(),
        hold.expires(),
        hold.ended(),
        hold.endedBy().map(gate::nameOf),
        hold.why());
  }

  private Optional<StepShown> step(Session session, Run run, Hold hold) throws SQLException {
    if (hold.step().isEmpty()) {
      return Optional.empty();
    }
    int number = hold.step().get();
    return runs.plan(session, run).stream()
        .map(PlannedJob::job)
        .filter(job -> hold.job().equals(Optional.of(job.name())))
        .findFirst()
        .map(job -> new StepShown(number + 1, job.steps().get(number).name()));
  }

  private static Why why(Reason reason) {
    return new Why(reason.cause(), reason.text());
  }
}
