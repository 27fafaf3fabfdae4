package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.environment.Admission;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trigger.Match;
import dev.holdfast.model.trigger.Triggers;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.db.Write;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.hold.PolicyText;
import dev.holdfast.orchestrator.hold.Settled;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.CommitMessage;
import dev.holdfast.orchestrator.run.Decided;
import dev.holdfast.orchestrator.run.NewRun;
import dev.holdfast.orchestrator.run.Plans;
import dev.holdfast.orchestrator.run.Runs;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Decides what an event starts, and puts it into one write. Thread-safe. */
final class Planning {
  private static final int MOST_ERRORS = 50;

  private final Forge forge;
  private final Reading reading;
  private final Deciding deciding;
  private final Runs runs;
  private final Holds holds;
  private final Clearances clearances;
  private final InstantSource clock;

  Planning(
      Forge forge,
      Function<DefinitionFiles, Definitions> reader,
      Deciding deciding,
      Runs runs,
      Holds holds,
      Clearances clearances,
      InstantSource clock) {
    this.clearances = clearances;
    this.forge = forge;
    this.reading = new Reading(forge, reader);
    this.deciding = deciding;
    this.runs = runs;
    this.holds = holds;
    this.clock = clock;
  }

  /**
   * What becomes of one workflow.
   *
   * @param run to make, or none and a reason why not
   * @param decision on the run; none where it is over at once
   * @param clearance for what the decision lets run
   */
  private record Planned(
      String workflow,
      Optional<NewRun> run,
      Optional<Decision> decision,
      String reason,
      Optional<Clearance.Signed> clearance) {
    Planned(String workflow, Optional<NewRun> run, Optional<Decision> decision, String reason) {
      this(workflow, run, decision, reason, Optional.empty());
    }

    Planned with(Clearance.Signed signed) {
      return new Planned(workflow, run, decision, reason, Optional.of(signed));
    }
  }

  /**
   * What {@code arrived} leads to, as a write that happens at most once however often it is done.
   *
   * @param hands everybody who had a hand in it, if its source says
   * @throws ForgeUnavailable if it cannot be decided now
   */
  Write<Boolean> of(
      Repository repository, String id, Event arrived, List<Lookup<Contributor>> hands)
      throws ForgeUnavailable {
    Event event = based(repository, arrived);
    Happening happening = event.happening();
    Deciding.Case asked = deciding.of(repository, event, hands, reading);
    Decision whole = asked.whole();
    var planned = new ArrayList<Planned>();
    Optional<String> note = Optional.empty();
    if (whole instanceof Decision.Refuse(var reasons)) {
      note = Optional.of("refused: " + text(reasons));
    } else if (asked.definedAt().isPresent()) {
      CommitId definedAt = asked.definedAt().get();
      switch (reading.read(repository, definedAt)) {
        case Reading.Read.Nothing() ->
            note = Optional.of("there is no .holdfast/ at " + definedAt.abbreviated());
        case Reading.Read.Bad(var errors) -> planned.add(bad(repository, id, happening, errors));
        case Reading.Read.Good(var workflows, var sources) -> {
          Supplier<ChangedFiles> changed = changed(repository, happening);
          try {
            for (Reading.Planned workflow : workflows) {
              planned.add(
                  cleared(
                      plan(repository, id, event, workflow, sources, changed, asked),
                      event,
                      asked));
            }
          } catch (Unasked e) {
            throw e.cause;
          }
        }
      }
    }
    Optional<String> said = note;
    Optional<CommitMessage> message =
        planned.stream().anyMatch(one -> one.run().isPresent())
            ? reading.message(repository, happening.commit())
            : Optional.empty();
    return session -> {
      Instant now = clock.instant();
      int mine =
          session.update(
              "UPDATE event SET state = 'DONE', error = NULL, processed_at = ? WHERE id = ? AND"
                  + " state = 'RECEIVED'",
              now,
              id);
      if (mine == 0) {
        return false;
      }
      if (!event.equals(arrived)) {
        session.update(
            "UPDATE event SET body = ? WHERE id = ?", Records.write(Event.class, event), id);
      }
      if (happening instanceof Happening.PullRequest request) {
        Optional<CommitId> since =
            Holds.since(session, repository.id(), request.number(), event.at());
        if (since.isPresent()) {
          result(
              session,
              id,
              List.of(),
              Optional.of(
                  "it came late: the pull request is at " + since.get().abbreviated() + " since"));
          return true;
        }
        holds.moved(session, repository.id(), request, now);
      }
      if (happening instanceof Happening.Push push && whole instanceof Decision.Run) {
        Settled.ran(session, repository.id(), push.ref(), push.commit(), id, asked.trust(), now);
      }
      if (message.isPresent()) {
        message.get().keep(session, repository.id(), happening.commit().value());
      }
      var started = new ArrayList<Outcomes.Started>();
      for (Planned one : planned) {
        Optional<String> made = Optional.empty();
        if (one.run().isPresent()) {
          made = Optional.of(make(session, one, one.run().get(), over(repository, id, asked), now));
        }
        started.add(new Outcomes.Started(one.workflow(), made, one.reason()));
      }
      result(session, id, started, said);
      return true;
    };
  }

  /** Signed here rather than in the write, which everybody waits for. */
  private Planned cleared(Planned planned, Event event, Deciding.Case asked) {
    if (planned.run().isEmpty()
        || !(planned.decision().orElse(null) instanceof Decision.Run begun)) {
      return planned;
    }
    NewRun run = planned.run().get();
    Map<Name, Admission> admissions = run.decided().admissions();
    Event told = run.event().map(text -> Records.read(Event.class, text)).orElse(event);
    Instant now = clock.instant();
    return planned.with(
        clearances.sign(
            new Clearance(
                run.repository(),
                run.id(),
                Clearance.hash(told),
                new Name(run.workflow()),
                event.happening().commit(),
                definition(run),
                run.jobs().stream()
                    .map(job -> job.job().name())
                    .distinct()
                    .filter(job -> !begun.waiting().containsKey(job))
                    .filter(job -> !(admissions.get(job) instanceof Admission.Refused))
                    .toList(),
                begun.floor().or(deciding.floor(run.repository())),
                begun.limits(),
                asked.trust(),
                List.of(),
                now,
                Clearance.until(now),
                admissions.entrySet().stream()
                    .filter(job -> !begun.waiting().containsKey(job.getKey()))
                    .flatMap(job ->
                        job.getValue() instanceof Admission.Granted(var names)
                            ? names.stream()
                            : Stream.empty())
                    .toList())));
  }

  /** The event with where its base is, which not every forge tells. */
  private Event based(Repository repository, Event arrived) throws ForgeUnavailable {
    return arrived.happening() instanceof Happening.PullRequest request
            && request.baseCommit().isEmpty()
        ? arrived.with(request.onto(forge.resolve(repository, request.base())))
        : arrived;
  }

  private static void result(
      Session session, String id, List<Outcomes.Started> started, Optional<String> said)
      throws SQLException {
    session.update(
        "UPDATE event SET result = ? WHERE id = ?",
        Records.write(Outcomes.class, new Outcomes(started, said)),
        id);
  }

  private String make(Session session, Planned planned, NewRun run, Over over, Instant now)
      throws SQLException {
    if (planned.decision().isEmpty()) {
      return runs.createFailed(session, run, planned.reason(), now);
    }
    String made = runs.create(session, run, now);
    switch (planned.decision().get()) {
      case Decision.Hold hold -> {
        holds.place(session, made, Optional.empty(), hold, over.of(run), now);
        jobs(session, made, hold.released(), over.of(run), now);
      }
      case Decision.Run begun -> {
        if (planned.clearance().isPresent()) {
          clearances.keep(session, made, planned.clearance().get());
        }
        jobs(session, made, begun, over.of(run), now);
      }
      case Decision.Refuse refuse ->
          throw new IllegalStateException("a run was planned that is refused");
    }
    return made;
  }

  private void jobs(Session session, String made, Decision.Run begun, Holds.Over over, Instant now)
      throws SQLException {
    for (var waiting : begun.waiting().entrySet()) {
      holds.place(session, made, Optional.of(waiting.getKey()), waiting.getValue(), over, now);
    }
  }

  /** What holds of this event are over, but for the definition of each run. */
  private record Over(
      String repository,
      String event,
      Optional<Long> pullRequest,
      CommitId head,
      CommitId base,
      Optional<Digest> policy) {
    Holds.Over of(NewRun run) {
      return new Holds.Over(repository, event, pullRequest, head, base, definition(run), policy);
    }
  }

  private static Over over(Repository repository, String event, Deciding.Case asked) {
    Happening happening = asked.asked().event().happening();
    return new Over(
        repository.id(),
        event,
        happening instanceof Happening.PullRequest request
            ? Optional.of(request.number())
            : Optional.empty(),
        happening.commit(),
        asked.definedAt().orElse(happening.commit()),
        asked.asked().policy().known().map(PolicyText::digest));
  }

  private static Digest definition(NewRun run) {
    return new Definition(
            run.jobs().stream().map(Definition::hash).toList(),
            run.sources().map(sources -> Definition.hash(JsonText.parse(sources.body()))))
        .digest();
  }

  private static String text(List<Reason> reasons) {
    return reasons.stream().map(Reason::text).collect(Collectors.joining("; "));
  }

  private Planned bad(Repository repository, String id, Happening happening, List<String> errors) {
    String reason =
        String.join("\n", errors.subList(0, Math.min(MOST_ERRORS, errors.size())))
            + (errors.size() > MOST_ERRORS
                ? "\nand " + (errors.size() - MOST_ERRORS) + " more"
                : "");
    var run =
        new NewRun(
            deciding.newRun(),
            repository.id(),
            id,
            Runs.UNREADABLE,
            happening.ref().value(),
            happening.commit().value(),
            Optional.empty(),
            List.of(),
            Plans.document(List.of()),
            Optional.empty(),
            Decided.NOTHING);
    return new Planned(Runs.UNREADABLE, Optional.of(run), Optional.empty(), reason);
  }

  private Planned plan(
      Repository repository,
      String id,
      Event event,
      Reading.Planned workflow,
      Optional<Plans.Document> sources,
      Supplier<ChangedFiles> changed,
      Deciding.Case asked) {
    Happening happening = event.happening();
    String name = workflow.workflow().name().value();
    return switch (Triggers.match(workflow.workflow(), happening, changed)) {
      case Match.DoesNotStart(var why) ->
          new Planned(name, Optional.empty(), Optional.empty(), why);
      case Match.Starts(var why) -> decided(repository, id, event, workflow, sources, asked, why);
    };
  }

  private Planned decided(
      Repository repository,
      String id,
      Event event,
      Reading.Planned workflow,
      Optional<Plans.Document> sources,
      Deciding.Case asked,
      String starts) {
    String name = workflow.workflow().name().value();
    Map<Name, Admission> admissions = asked.admissions(workflow.workflow());
    Decision decision = asked.decide(workflow.workflow(), admissions);
    return switch (decision) {
      case Decision.Refuse(var reasons) ->
          new Planned(name, Optional.empty(), Optional.empty(), "refused: " + text(reasons));
      case Decision.Hold hold ->
          new Planned(
              name,
              Optional.of(
                  run(
                      repository,
                      id,
                      event,
                      workflow,
                      sources,
                      decided(
                          asked,
                          hold.released(),
                          true,
                          hold.reasons().stream().map(Reason::text).toList(),
                          admissions))),
              Optional.of(decision),
              "held: " + text(hold.reasons()));
      case Decision.Run run ->
          new Planned(
              name,
              Optional.of(
                  run(
                      repository,
                      id,
                      event,
                      workflow,
                      sources,
                      decided(asked, run, false, run.why(), admissions))),
              Optional.of(decision),
              starts);
    };
  }

  private static Decided decided(
      Deciding.Case asked,
      Decision.Run run,
      boolean held,
      List<String> why,
      Map<Name, Admission> admissions) {
    return new Decided(
        Optional.of(asked.trust()),
        run.definition() == Decision.Pin.BASE
            ? asked.definedAt().map(CommitId::value)
            : Optional.empty(),
        run.floor(),
        held,
        floors(run),
        why,
        admissions);
  }

  private static Map<Name, Tier> floors(Decision.Run run) {
    var floors = new LinkedHashMap<Name, Tier>();
    run.waiting().forEach((job, hold) -> floors.put(job, hold.released().floor()));
    return floors;
  }

  private NewRun run(
      Repository repository,
      String id,
      Event event,
      Reading.Planned workflow,
      Optional<Plans.Document> sources,
      Decided decided) {
    return new NewRun(
        deciding.newRun(),
        repository.id(),
        id,
        workflow.workflow().name().value(),
        event.happening().ref().value(),
        event.happening().commit().value(),
        completed(event, workflow),
        workflow.jobs(),
        workflow.plan(),
        sources,
        decided);
  }

  /** A manual start's event with the inputs that nobody gave, where that makes a difference. */
  private static Optional<String> completed(Event event, Reading.Planned planned) {
    if (!(event.happening()
        instanceof Happening.Manual(var workflow, var ref, var commit, var given))) {
      return Optional.empty();
    }
    var inputs = new LinkedHashMap<>(given);
    for (Trigger trigger : planned.workflow().on()) {
      if (trigger instanceof Trigger.Manual manual) {
        for (Input input : manual.inputs()) {
          input.initial().ifPresent(value -> inputs.putIfAbsent(input.name().value(), value));
        }
      }
    }
    return Optional.of(
        Records.write(
            Event.class,
            new Event(
                event.delivery(),
                event.repository(),
                event.at(),
                event.contributor(),
                new Happening.Manual(workflow, ref, commit, inputs))));
  }

  private Supplier<ChangedFiles> changed(Repository repository, Happening happening) {
    return new Supplier<>() {
      private Optional<ChangedFiles> known = Optional.empty();

      @Override
      public ChangedFiles get() {
        if (known.isEmpty()) {
          try {
            known = Optional.of(forge.changedFiles(repository, happening));
          } catch (ForgeUnavailable e) {
            throw new Unasked(e);
          }
        }
        return known.get();
      }
    };
  }

  /** Carries a {@link ForgeUnavailable} through a supplier. */
  private static final class Unasked extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ForgeUnavailable cause;

    Unasked(ForgeUnavailable cause) {
      super(cause);
      this.cause = cause;
    }
  }
}
