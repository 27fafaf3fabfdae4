package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hold.Approving;
import dev.holdfast.orchestrator.hold.Hands;
import dev.holdfast.orchestrator.hold.Hold;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.hold.PolicyScope;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.CommitMessage;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Gathers what a hold's page says. Thread-safe. */
final class HoldSheets {
  private static final int MOST_GIVERS = 3;

  private final Access access;
  private final Repositories repositories;
  private final Runs runs;
  private final Approving approving;
  private final InstantSource clock;

  HoldSheets(
      Access access,
      Repositories repositories,
      Runs runs,
      Approving approving,
      InstantSource clock) {
    this.access = access;
    this.repositories = repositories;
    this.runs = runs;
    this.approving = approving;
    this.clock = clock;
  }

  /** The hold {@code id} as {@code caller} sees it, who may. */
  HoldSheet of(Session s, String id, Caller caller) throws SQLException {
    Hold hold = Holds.find(s, id);
    Run run = runs.find(s, hold.run());
    Event event = Holds.event(s, hold.event());
    Instant now = clock.instant();
    List<PlannedJob> plan = runs.plan(s, run);
    List<String> missing = missing(s, hold, now);
    List<HoldSheet.Consent> approvals = approvals(s, hold, caller);
    Optional<Repository> repository = repositories.byId(hold.repository());
    return new HoldSheet(
        hold,
        repository,
        repository.map(r -> r.name().value()).orElse(hold.repository()),
        run,
        event,
        CommitMessage.of(s, run),
        step(hold, plan),
        hands(s, hold, event),
        event.contributor().isPresent()
            ? Optional.of(Past.of(s, hold.event(), event, event.contributor().get()))
            : Optional.empty(),
        JobGets.of(hold, plan, tiers(s, run), run.trust(), approving.grants(s, hold)),
        PolicyStore.effective(s, hold.repository()),
        origin(s, hold.repository()),
        approvals,
        missing,
        newer(s, hold, run),
        beside(s, hold, run),
        hold.endedBy().map(by -> access.directory().nameOf(by)),
        hold.why().map(this::named),
        may(s, hold, caller, approvals));
  }

  private List<String> missing(Session s, Hold hold, Instant now) throws SQLException {
    if (hold.state() != Hold.State.HELD) {
      return List.of();
    }
    return switch (hold.asked().release()) {
      case Release.Mend(var mend) -> List.of(mend);
      case Release.Approval _ ->
          approving.missing(s, hold, now).stream()
              // How many there are the page says in its own words.
              .filter(line -> !line.matches("[0-9]+ of [0-9]+ approvals"))
              .map(this::named)
              .toList();
    };
  }

  private List<HoldSheet.Consent> approvals(Session s, Hold hold, Caller caller)
      throws SQLException {
    Directory directory = access.directory();
    return Approving.given(s, hold).stream()
        .map(given ->
            new HoldSheet.Consent(
                directory.nameOf(given.approval().approver()),
                given.approval().at(),
                given.approval().approver().equals(caller.user().id())))
        .toList();
  }

  private static Optional<HoldSheet.StepAt> step(Hold hold, List<PlannedJob> plan) {
    return hold.step()
        .flatMap(number ->
            plan.stream()
                .map(PlannedJob::job)
                .filter(job -> hold.job().equals(Optional.of(job.name())))
                .findFirst()
                .map(job -> new HoldSheet.StepAt(number + 1, job.steps().get(number).name())));
  }

  private Map<String, Optional<Tier>> tiers(Session s, Run run) throws SQLException {
    var tiers = new HashMap<String, Optional<Tier>>();
    for (JobRow job : runs.jobs(s, run.id())) {
      tiers.put(job.key(), job.demand().tier());
    }
    return tiers;
  }

  /** Everybody who had a hand in it, whom it is attributed to first, each once. */
  private List<HoldSheet.Hand> hands(Session s, Hold hold, Event event) throws SQLException {
    var all = new ArrayList<Lookup<Contributor>>();
    event.contributor().ifPresent(who -> all.add(new Lookup.Known<>(who)));
    s.first("SELECT hands FROM event WHERE id = ?", row -> row.maybeText("hands"), hold.event())
        .flatMap(text -> text)
        .ifPresent(text -> all.addAll(Hands.read(text)));
    var hands = new ArrayList<HoldSheet.Hand>();
    for (Lookup<Contributor> one : all.stream().distinct().toList()) {
      hands.add(
          switch (one) {
            case Lookup.Known<Contributor>(var who) ->
                switch (access.rights().linked(who)) {
                  case Lookup.Known<String>(var user) ->
                      new HoldSheet.Hand(
                          Optional.of(who),
                          Optional.of(access.directory().nameOf(user)),
                          Optional.empty());
                  case Lookup.Absent<String>() ->
                      new HoldSheet.Hand(Optional.of(who), Optional.empty(), Optional.empty());
                  case Lookup.Failed<String>(var why) ->
                      new HoldSheet.Hand(Optional.of(who), Optional.empty(), Optional.of(why));
                };
            case Lookup.Absent<Contributor>() ->
                new HoldSheet.Hand(Optional.empty(), Optional.empty(), Optional.empty());
            case Lookup.Failed<Contributor>(var why) ->
                new HoldSheet.Hand(Optional.empty(), Optional.empty(), Optional.of(why));
          });
    }
    return hands;
  }

  private String origin(Session s, String repository) throws SQLException {
    return PolicyStore.origin(s, repository)
        .map(set ->
            switch (set.scope()) {
                  case PolicyScope.OfRepository _ -> "of this repository";
                  case PolicyScope.Organisation(var name) -> "of the organisation " + name;
                  case PolicyScope.Installation _ -> "of the installation";
                }
                + ", set by "
                + access.directory().nameOf(set.by()))
        .orElse("the default; nobody set another");
  }

  private Optional<HoldSheet.Beside> newer(Session s, Hold hold, Run run) throws SQLException {
    return s.first(
            "SELECT hold.* FROM hold JOIN run ON run.id = hold.run_id WHERE hold.repository_id = ?"
                + " AND run.workflow = ? AND run.ref = ? AND coalesce(hold.pull_request, 0) = ? AND"
                + " coalesce(hold.job_name, '') = ? AND hold.id > ? AND hold.state = 'HELD' ORDER BY"
                + " hold.id DESC LIMIT 1",
            Hold::of,
            hold.repository(),
            run.workflow(),
            run.ref(),
            hold.pullRequest().orElse(0L),
            hold.job().map(Name::value).orElse(""),
            hold.id())
        .map(newer -> beside(newer, run));
  }

  private List<HoldSheet.Beside> beside(Session s, Hold hold, Run run) throws SQLException {
    return Holds.of(s, hold.run()).stream()
        .filter(other -> !other.id().equals(hold.id()))
        .map(other -> beside(other, run))
        .toList();
  }

  private static HoldSheet.Beside beside(Hold hold, Run run) {
    return new HoldSheet.Beside(
        hold.id(),
        hold.job().map(Name::value).orElse(run.workflow())
            + hold.step().map(step -> ", step " + (step + 1)).orElse(""),
        hold.state(),
        hold.head());
  }

  private HoldSheet.May may(Session s, Hold hold, Caller caller, List<HoldSheet.Consent> approvals)
      throws SQLException {
    Optional<String> lacks = lacks(caller, Permission.APPROVE, hold.repository());
    Optional<String> over =
        hold.state() == Hold.State.HELD
            ? Optional.empty()
            : Optional.of("It is over; nothing waits here any more.");
    return new HoldSheet.May(
        over.or(() -> lacks).isPresent()
            ? over.or(() -> lacks)
            : refusal(s, hold, caller, approvals),
        over.or(() -> lacks).isPresent() ? over.or(() -> lacks) : mend(hold),
        again(hold).or(() -> lacks(caller, Permission.START_RUNS, hold.repository())));
  }

  private Optional<String> refusal(
      Session s, Hold hold, Caller caller, List<HoldSheet.Consent> approvals) throws SQLException {
    Optional<String> mend = mend(hold);
    if (mend.isPresent()) {
      return mend;
    }
    if (approvals.stream().anyMatch(HoldSheet.Consent::mine)) {
      return Optional.of("You approved it; it waits for somebody else as well.");
    }
    return approving.refusal(s, hold, caller.user().id()).map(why -> sentence(named(why)));
  }

  private static Optional<String> mend(Hold hold) {
    return hold.asked().release() instanceof Release.Mend(var mend)
        ? Optional.of("No approval releases it: " + mend + ".")
        : Optional.empty();
  }

  private static Optional<String> again(Hold hold) {
    if (hold.step().isPresent()) {
      return Optional.of("A step whose job has begun is not decided anew.");
    }
    return switch (hold.state()) {
      case RELEASED, REJECTED -> Optional.of("Somebody decided; it is not decided anew.");
      case HELD, EXPIRED, WITHDRAWN -> Optional.empty();
    };
  }

  /** Why {@code caller} may not, in words that say who can change that; empty if they may. */
  private Optional<String> lacks(Caller caller, Permission needs, String repository) {
    if (caller.may(needs, Optional.of(repository))) {
      return Optional.empty();
    }
    Directory now = access.directory();
    String givers =
        now.whoMay(Permission.MANAGE_USERS, Optional.empty()).stream()
            .limit(MOST_GIVERS)
            .map(now::nameOf)
            .collect(Collectors.joining(", "));
    return Optional.of(
        "You may look at this and not decide it: that needs the permission "
            + needs.word()
            + " in this repository, which "
            + givers
            + " can give you.");
  }

  /** What the store says, with the names that people use. */
  private String named(String line) {
    return HoldWords.named(
        line,
        access.directory()::nameOf,
        id -> repositories.byId(id).map(r -> r.name().value()).orElse(id));
  }

  private static String sentence(String line) {
    return line.isEmpty()
        ? line
        : Character.toUpperCase(line.charAt(0))
            + line.substring(1)
            + (line.endsWith(".") ? "" : ".");
  }
}
