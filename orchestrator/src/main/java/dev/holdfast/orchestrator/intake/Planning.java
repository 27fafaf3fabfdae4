package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trigger.Match;
import dev.holdfast.model.trigger.Triggers;
import dev.holdfast.orchestrator.db.Write;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.NewRun;
import dev.holdfast.orchestrator.run.Plans;
import dev.holdfast.orchestrator.run.Runs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Decides what an event starts, and puts it into one write. Thread-safe. */
final class Planning {
  private static final int MOST_ERRORS = 50;

  private final Forge forge;
  private final Reading reading;
  private final Runs runs;
  private final InstantSource clock;

  Planning(
      Forge forge, Function<DefinitionFiles, Definitions> reader, Runs runs, InstantSource clock) {
    this.forge = forge;
    this.reading = new Reading(forge, reader);
    this.runs = runs;
    this.clock = clock;
  }

  /** A run to make, or a reason for making none. */
  private record Decision(String workflow, Optional<NewRun> run, boolean failed, String reason) {}

  /**
   * What {@code event} leads to, as a write that happens at most once however often it is done.
   *
   * @throws ForgeUnavailable if it cannot be decided now
   */
  Write<Boolean> of(Repository repository, String id, Event event) throws ForgeUnavailable {
    Happening happening = event.happening();
    var decisions = new ArrayList<Decision>();
    Optional<String> note = Optional.empty();
    if (happening instanceof Happening.PullRequest request && request.fork()) {
      note = Optional.of("a pull request from a fork starts nothing: there is no policy for it");
    } else {
      switch (reading.read(repository, definedAt(happening))) {
        case Reading.Read.Nothing() ->
            note = Optional.of("there is no .holdfast/ at " + happening.commit().abbreviated());
        case Reading.Read.Bad(var errors) -> decisions.add(bad(repository, id, happening, errors));
        case Reading.Read.Good(var workflows, var sources) -> {
          Supplier<ChangedFiles> changed = changed(repository, happening);
          try {
            for (Reading.Planned planned : workflows) {
              decisions.add(decide(repository, id, event, planned, sources, changed));
            }
          } catch (Unasked e) {
            throw e.cause;
          }
        }
      }
    }
    Optional<String> said = note;
    return session -> {
      int mine =
          session.update(
              "UPDATE event SET state = 'DONE', error = NULL, processed_at = ? WHERE id = ? AND"
                  + " state = 'RECEIVED'",
              clock.instant(),
              id);
      if (mine == 0) {
        return false;
      }
      var started = new ArrayList<Outcomes.Started>();
      for (Decision decision : decisions) {
        Optional<String> made = Optional.empty();
        if (decision.run().isPresent()) {
          NewRun run = decision.run().get();
          made =
              Optional.of(
                  decision.failed()
                      ? runs.createFailed(session, run, decision.reason(), clock.instant())
                      : runs.create(session, run, clock.instant()));
        }
        started.add(new Outcomes.Started(decision.workflow(), made, decision.reason()));
      }
      session.update(
          "UPDATE event SET result = ? WHERE id = ?",
          Records.write(Outcomes.class, new Outcomes(started, said)),
          id);
      return true;
    };
  }

  /** Whose definitions count: for a pull request the base's, which its author cannot change. */
  private static CommitId definedAt(Happening happening) {
    return happening instanceof Happening.PullRequest request
        ? request.baseCommit()
        : happening.commit();
  }

  private static Decision bad(
      Repository repository, String id, Happening happening, List<String> errors) {
    String reason =
        String.join("\n", errors.subList(0, Math.min(MOST_ERRORS, errors.size())))
            + (errors.size() > MOST_ERRORS
                ? "\nand " + (errors.size() - MOST_ERRORS) + " more"
                : "");
    var run =
        new NewRun(
            repository.id(),
            id,
            Runs.UNREADABLE,
            happening.ref().value(),
            happening.commit().value(),
            Optional.empty(),
            List.of(),
            Plans.document(List.of()),
            Optional.empty());
    return new Decision(Runs.UNREADABLE, Optional.of(run), true, reason);
  }

  private static Decision decide(
      Repository repository,
      String id,
      Event event,
      Reading.Planned planned,
      Optional<Plans.Document> sources,
      Supplier<ChangedFiles> changed) {
    Happening happening = event.happening();
    String name = planned.workflow().name().value();
    return switch (Triggers.match(planned.workflow(), happening, changed)) {
      case Match.DoesNotStart(var reason) -> new Decision(name, Optional.empty(), false, reason);
      case Match.Starts(var reason) ->
          new Decision(
              name,
              Optional.of(
                  new NewRun(
                      repository.id(),
                      id,
                      name,
                      happening.ref().value(),
                      happening.commit().value(),
                      completed(event, planned),
                      planned.jobs(),
                      planned.plan(),
                      sources)),
              false,
              reason);
    };
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
