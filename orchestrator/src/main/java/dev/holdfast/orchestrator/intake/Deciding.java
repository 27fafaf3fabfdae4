package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Decisions;
import dev.holdfast.model.decision.Gets;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Question;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.environment.Admission;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.model.trust.Standing;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.trust.TrustFacts;
import dev.holdfast.model.trust.TrustRule;
import dev.holdfast.orchestrator.access.Rights;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.hold.Settled;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Runs;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks up what {@link Decisions} have to know about an event. What cannot be looked up is said to
 * be so, and then makes somebody unknown or a difference untold; nothing here lets anything run.
 * Thread-safe.
 */
public final class Deciding {
  private final Database database;
  private final Forge forge;
  private final People people;
  private final Rights rights;
  private final Environments environments;
  private final InstantSource clock;

  public Deciding(
      Database database,
      Forge forge,
      People people,
      Rights rights,
      Environments environments,
      InstantSource clock) {
    this.environments = environments;
    this.database = database;
    this.forge = forge;
    this.people = people;
    this.rights = rights;
    this.clock = clock;
  }

  /**
   * All that is asked about an event, but for the workflow.
   *
   * @param definedAt the commit whose definitions run; empty if there is none that may
   * @param environments whether jobs may run in those that they ask for
   */
  record Case(Question asked, Optional<CommitId> definedAt, Asking environments) {
    /** What becomes of the event as a whole, whatever its workflows would get. */
    Decision whole() {
      return Decisions.decide(asked);
    }

    /** What becomes of this workflow. */
    Decision decide(Workflow workflow) {
      return decide(workflow, admissions(workflow));
    }

    /** The same, where that is known already. */
    Decision decide(Workflow workflow, Map<Name, Admission> admissions) {
      Decision decision =
          Decisions.decide(
              new Question(
                  asked.event(),
                  asked.ours(),
                  asked.settled(),
                  asked.standing(),
                  asked.policy(),
                  asked.difference(),
                  gets(workflow),
                  approvals(workflow),
                  asked.now()));
      return Admission.with(decision, admissions, policy(), asked.now());
    }

    /** Whether its jobs may run in the environments that they ask for. */
    Map<Name, Admission> admissions(Workflow workflow) {
      return environments.of(workflow, policy());
    }

    private Policy policy() {
      return asked.policy().known().orElse(Policy.DEFAULT);
    }

    /** The same, were this the policy. */
    Case under(Lookup<Policy> policy) {
      return new Case(
          new Question(
              asked.event(),
              asked.ours(),
              asked.settled(),
              asked.standing(),
              policy,
              asked.difference(),
              asked.gets(),
              asked.asked(),
              asked.now()),
          definedAt,
          environments);
    }

    Trust trust() {
      return asked.standing().trust();
    }
  }

  /** Asks for environments as they are now. */
  @FunctionalInterface
  interface Asking {
    Map<Name, Admission> of(Workflow workflow, Policy policy);
  }

  Case of(Repository repository, Event said, List<Lookup<Contributor>> hands, Reading reading)
      throws ForgeUnavailable {
    Event event = seen(repository, said);
    Happening happening = event.happening();
    Optional<Settled.Commit> settled = settled(repository, happening);
    Standing standing = standing(repository, event, hands, settled);
    Lookup<Policy> policy =
        database.read(session -> PolicyStore.effective(session, repository.id()));
    var open =
        new Question(
            event,
            true,
            settled.map(Settled.Commit::id),
            standing,
            policy,
            new Lookup.Absent<>(),
            Map.of(),
            Map.of(),
            clock.instant());
    Asking asking =
        (workflow, inForce) ->
            database.read(session ->
                environments.admissions(
                    session,
                    repository.id(),
                    workflow.jobs(),
                    happening,
                    standing.trust(),
                    inForce));
    Decision.Pin pin = pin(Decisions.decide(open));
    if (pin == Decision.Pin.HEAD) {
      return new Case(open, Optional.of(happening.commit()), asking);
    }
    Optional<CommitId> base =
        happening instanceof Happening.PullRequest request
            ? request.baseCommit()
            : settled.map(Settled.Commit::id);
    if (base.isEmpty()) {
      return new Case(open, Optional.empty(), asking);
    }
    return new Case(
        new Question(
            event,
            true,
            open.settled(),
            standing,
            policy,
            Differences.of(forge, repository, base.get(), happening.commit(), reading),
            Map.of(),
            Map.of(),
            open.now()),
        base,
        asking);
  }

  /** The id of a run that is about to be made. */
  String newRun() {
    return database.ids().next("run");
  }

  /** The weakest wall that jobs of a repository may have, whatever is decided. */
  Tier floor(String repository) {
    return database.read(session -> Runs.floor(session, repository));
  }

  /** The event with what its commits say: not every forge tells that history was rewritten. */
  private Event seen(Repository repository, Event said) throws ForgeUnavailable {
    if (atForge(repository)
        && said.happening() instanceof Happening.Push push
        && push.before().isPresent()
        && !push.forced()
        && !forge.descends(repository, push.before().get(), push.commit())) {
      return said.with(new Happening.Push(push.ref(), push.commit(), push.before(), true));
    }
    return said;
  }

  private static Decision.Pin pin(Decision decision) {
    return switch (decision) {
      case Decision.Run run -> run.definition();
      case Decision.Hold hold -> hold.released().definition();
      case Decision.Refuse refuse -> Decision.Pin.BASE;
    };
  }

  /** What the head is compared with, see {@link Question}. */
  private Optional<Settled.Commit> settled(Repository repository, Happening happening)
      throws ForgeUnavailable {
    if (!atForge(repository)) {
      return Optional.empty();
    }
    return switch (happening) {
      case Happening.PullRequest request when request.baseCommit().isEmpty() -> Optional.empty();
      case Happening.PullRequest request ->
          database.read(s ->
              Settled.on(s, repository.id(), request.base(), request.baseCommit().orElseThrow()));
      case Happening.Push push when push.before().isPresent() -> {
        Optional<Settled.Commit> own =
            database.read(s -> Settled.newest(s, repository.id(), push.ref()));
        yield own.isPresent() ? own : ofDefaultBranch(repository);
      }
      case Happening.Schedule schedule ->
          database.read(s -> Settled.newest(s, repository.id(), schedule.ref()));
      // A branch that is new, or was deleted and made again, starts from the default branch.
      case Happening.Push _, Happening.Tag _, Happening.Manual _ -> ofDefaultBranch(repository);
    };
  }

  private Optional<Settled.Commit> ofDefaultBranch(Repository repository) throws ForgeUnavailable {
    var branch = forge.defaultBranch(repository);
    return database.read(s -> Settled.newest(s, repository.id(), branch));
  }

  /** Whether somebody else says who did what; else whoever may write there was let in by hand. */
  private static boolean atForge(Repository repository) {
    return repository.location() instanceof Repository.Location.AtForge;
  }

  private Standing standing(
      Repository repository,
      Event event,
      List<Lookup<Contributor>> hands,
      Optional<Settled.Commit> settled) {
    if (!atForge(repository)) {
      return new Standing(
          Trust.TRUSTED,
          List.of("whoever may push to this plain git repository was let in by its operator"));
    }
    return switch (event.happening()) {
      case Happening.Schedule schedule ->
          settled
              .filter(commit -> commit.id().equals(schedule.commit()))
              .map(commit ->
                  new Standing(
                      commit.trust(), List.of("the clock, for what was decided when it came")))
              .orElseGet(() -> undecided(schedule.commit()));
      case Happening.Manual manual ->
          // Who starts it speaks for the start, not for what somebody else pushed.
          database
              .read(s -> Settled.anywhere(s, repository.id(), manual.commit()))
              .map(commit ->
                  new Standing(
                      commit.trust(), List.of("started by hand, for what was decided before")))
              .orElseGet(() -> undecided(manual.commit()));
      case Happening.Push _, Happening.Tag _, Happening.PullRequest _ ->
          hands.stream()
              .map(hand -> standing(repository, hand, event.happening()))
              .reduce(Standing::and)
              .orElseGet(
                  () -> new Standing(Trust.UNKNOWN, List.of("the forge does not say who did it")));
    };
  }

  private static Standing undecided(CommitId commit) {
    return new Standing(
        Trust.UNKNOWN, List.of("no decision has let " + commit.abbreviated() + " run so far"));
  }

  private Standing standing(Repository repository, Lookup<Contributor> hand, Happening happening) {
    var fork =
        new Lookup.Known<>(happening instanceof Happening.PullRequest request && request.fork());
    if (!(hand instanceof Lookup.Known<Contributor>(var who))) {
      Lookup<String> nobody =
          hand instanceof Lookup.Failed<Contributor>(var why)
              ? new Lookup.Failed<>(why)
              : new Lookup.Absent<>();
      return TrustRule.of(
          new TrustFacts(
              fork,
              new Lookup.Absent<>(),
              nobody,
              new Lookup.Absent<>(),
              new Lookup.Absent<>(),
              new Lookup.Absent<>()));
    }
    Lookup<String> user = rights.linked(who);
    Lookup<Right> right =
        user instanceof Lookup.Known<String>(var id)
            ? rights.of(id, repository)
            : new Lookup.Absent<>();
    Lookup<ForgePermission> permission = people.permission(repository, who);
    return TrustRule.of(
        new TrustFacts(
            fork,
            people.visibility(repository),
            new Lookup.Known<>(who.id()),
            user,
            right,
            permission));
  }

  private static Map<Name, JobApproval> approvals(Workflow workflow) {
    var asked = new LinkedHashMap<Name, JobApproval>();
    workflow
        .jobs()
        .forEach(job -> job.approval().ifPresent(approval -> asked.put(job.name(), approval)));
    return asked;
  }

  private static Map<Name, Gets> gets(Workflow workflow) {
    var gets = new LinkedHashMap<Name, Gets>();
    workflow.jobs().forEach(job -> gets.put(job.name(), Gets.of(job)));
    return gets;
  }
}
