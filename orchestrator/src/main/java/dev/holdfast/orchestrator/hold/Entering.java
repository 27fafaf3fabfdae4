package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.environment.Admission;
import dev.holdfast.model.environment.Bound;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.Turn;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.environment.Deployment;
import dev.holdfast.orchestrator.environment.Deployments;
import dev.holdfast.orchestrator.environment.EnvironmentGrant;
import dev.holdfast.orchestrator.environment.EnvironmentScope;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.secret.SecretScope;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets jobs into environments. All is asked once more in the transaction that gives a job to an
 * agent: rules may have changed since the run was planned, and whose turn it is changes by the
 * minute. Thread-safe.
 */
public final class Entering {
  /** As {@link EnvironmentScope#key} writes one. */
  private static final String ORGANISATION = "organisation:";

  /** How soon to look again whether somebody mended the policy. */
  private static final Duration MEND = Duration.ofSeconds(30);

  private final Database database;
  private final Environments environments;
  private final Deployments deployments;
  private final Holds holds;
  private final Runs runs;
  private final Clearances clearances;
  private final Audit audit;

  public Entering(
      Database database,
      Environments environments,
      Deployments deployments,
      Holds holds,
      Runs runs,
      Clearances clearances,
      Audit audit) {
    this.database = database;
    this.environments = environments;
    this.deployments = deployments;
    this.holds = holds;
    this.runs = runs;
    this.clearances = clearances;
    this.audit = audit;
  }

  /**
   * Whether a job may start in the environments that it asks for; if it asks for any, it is in them
   * from then on. If not, it is held, waits for its turn, or is over.
   */
  public boolean mayEnter(Session session, JobRow job, Instant now) throws SQLException {
    Run run = runs.find(session, job.run());
    Job asks = runs.plan(session, run).get(job.position()).job();
    if (asks.environments().isEmpty()) {
      return true;
    }
    Happening happening = Runs.event(session, run).happening();
    return switch (admission(session, run, asks, happening)) {
      case Admission.Refused refused -> {
        refuse(session, job, refused.text(), now);
        yield false;
      }
      case Admission.Asks(var names, var reasons, var release) -> {
        Optional<Hold> own = own(session, job);
        if (own.filter(hold -> hold.state() == Hold.State.RELEASED).isEmpty()) {
          if (own.filter(hold -> hold.state() == Hold.State.HELD).isPresent()) {
            runs.hold(session, job, reasons.getFirst().text(), now);
          } else {
            place(session, run, job, new Admission.Asks(names, reasons, release), now);
          }
          yield false;
        }
        yield cleared(session, job, names, now) && inTurn(session, run, job, names, now);
      }
      case Admission.Granted(var names) ->
          cleared(session, job, names, now) && inTurn(session, run, job, names, now);
    };
  }

  private Admission admission(Session session, Run run, Job job, Happening happening)
      throws SQLException {
    Lookup<Policy> policy = PolicyStore.effective(session, run.repository());
    return environments.admission(
        session,
        run.repository(),
        job,
        happening,
        run.trust().orElse(Trust.UNKNOWN),
        policy.known().orElse(Policy.DEFAULT));
  }

  /** The newest hold over this job alone. */
  private static Optional<Hold> own(Session session, JobRow job) throws SQLException {
    return Holds.over(session, job.run(), job.name()).stream()
        .filter(hold -> hold.job().isPresent())
        .findFirst();
  }

  private void refuse(Session session, JobRow job, String why, Instant now) throws SQLException {
    runs.refuse(session, job, why, now);
    record(session, "environment.refuse", job.id(), Audit.Outcome.REFUSED, List.of(why));
  }

  /** Rules that changed since the run was planned ask for people now. */
  private void place(Session session, Run run, JobRow job, Admission.Asks asks, Instant now)
      throws SQLException {
    if (!(PolicyStore.effective(session, run.repository())
        instanceof Lookup.Known<Policy>(var policy))) {
      runs.delay(
          session,
          job,
          Optional.of(now.plus(MEND)),
          "the policy cannot be read, so that nobody can be asked for its environment");
      return;
    }
    var head = new CommitId(run.commit());
    Optional<Long> request =
        Runs.event(session, run).happening() instanceof Happening.PullRequest pull
            ? Optional.of(pull.number())
            : Optional.empty();
    var over =
        new Holds.Over(
            run.repository(),
            run.eventId(),
            request,
            head,
            run.base().map(CommitId::new).orElse(head),
            runs.definition(session, run).digest(),
            Optional.of(PolicyText.digest(policy)));
    // Whoever releases it lets it have no more than what let it start before.
    Optional<Clearance> before =
        Clearances.of(session, run.id(), job.name())
            .filter(clearances::signed)
            .map(Clearance.Signed::clearance);
    holds.place(
        session,
        run.id(),
        Hold.Place.of(Optional.of(job.name())),
        0,
        new Hold.Asked(asks.reasons(), asks.release()),
        before.isPresent() ? before.get().floor() : Runs.floor(session, run.repository()),
        before.map(Clearance::limits).orElse(Limits.RESTRICTED),
        over,
        now,
        now.plus(policy.holdFor()));
    runs.hold(session, job, asks.reasons().getFirst().text(), now);
  }

  /**
   * What no decision and no person granted is not granted here: nothing is signed in this place.
   */
  private boolean cleared(Session session, JobRow job, List<EnvironmentName> names, Instant now)
      throws SQLException {
    Optional<Clearance.Signed> signed = Clearances.of(session, job.run(), job.name());
    boolean all =
        signed
            .filter(clearances::signed)
            .filter(clearance -> clearance.clearance().environments().containsAll(names))
            .isPresent();
    if (!all) {
      refuse(
          session,
          job,
          "refused: the environments "
              + names
              + " were not granted when the run was decided; push again, or start it by hand",
          now);
    }
    return all;
  }

  private boolean inTurn(
      Session session, Run run, JobRow job, List<EnvironmentName> names, Instant now)
      throws SQLException {
    Turn turn = turn(session, run, job, names, now);
    if (turn.queues()) {
      for (EnvironmentName name : names) {
        deployments.queue(session, job, run.repository(), name, now);
      }
    }
    for (String id : turn.makeWay()) {
      Optional<Deployment> older = deployments.find(session, id);
      if (older.isPresent()) {
        String why = "a newer deployment to " + older.get().environment() + " takes its place";
        runs.cancel(session, runs.job(session, older.get().job()), why, now);
        record(session, "deployment.cancel", id, Audit.Outcome.DONE, List.of(why));
      }
    }
    if (turn.waits().isPresent()) {
      runs.delay(session, job, turn.until(), turn.waits().get());
      return false;
    }
    deployments.begin(session, job, now);
    runs.begins(session, job);
    record(
        session,
        "deployment.begin",
        job.id(),
        Audit.Outcome.DONE,
        names.stream().map(name -> "environment " + name).toList());
    return true;
  }

  private Turn turn(Session session, Run run, JobRow job, List<EnvironmentName> names, Instant now)
      throws SQLException {
    var lines = new ArrayList<Turn.Line>();
    for (EnvironmentName name : names) {
      List<Environment> all =
          environments.resolve(session, run.repository(), name).known().orElse(List.of());
      var ahead = new ArrayList<Turn.Ahead>();
      for (Deployment other : deployments.open(session, run.repository(), name)) {
        if (other.job().equals(job.id())) {
          break;
        }
        ahead.add(new Turn.Ahead(other.id(), other.run(), other.what(), other.inside()));
      }
      lines.add(new Turn.Line(name, all, ahead));
    }
    return Turn.of(run.id(), lines, job.queued().orElse(now), now);
  }

  /** The scopes whose secrets its environments open to a running attempt, the weakest first. */
  public List<SecretScope.OfEnvironment> opened(Session session, String attempt)
      throws SQLException {
    Attempt running =
        session
            .first("SELECT * FROM attempt WHERE id = ?", Attempt::of, attempt)
            .orElseThrow(() -> new UnknownId("there is no attempt " + attempt));
    return granted(session, running).stream()
        .flatMap(grant -> grant.kept().stream())
        .map(kept -> new SecretScope.OfEnvironment(within(kept.scope()), kept.kept().value()))
        .toList();
  }

  private static SecretScope within(String scope) {
    return scope.startsWith(ORGANISATION)
        ? new SecretScope.OfOrganisation(new Name(scope.substring(ORGANISATION.length())))
        : new SecretScope.OfRepository(scope);
  }

  /**
   * The environments that a running attempt was granted: those that its job asks for, if its
   * clearance, as it was signed, names them and it was let in. None for an attempt that is over.
   */
  public List<EnvironmentGrant> granted(Session session, Attempt attempt) throws SQLException {
    if (attempt.state().over()) {
      return List.of();
    }
    Run run = runs.find(session, attempt.run());
    JobRow job = runs.job(session, attempt.job());
    Job asks = runs.plan(session, run).get(job.position()).job();
    if (asks.environments().isEmpty()
        || !(Bound.of(asks, Runs.event(session, run).happening()) instanceof Bound.To(var names))) {
      return List.of();
    }
    Optional<Clearance.Signed> signed =
        Clearances.of(session, run.id(), job.name()).filter(clearances::signed);
    List<EnvironmentName> entered =
        deployments.of(session, job.id(), attempt.fence()).stream()
            .filter(deployment -> deployment.began().isPresent())
            .map(Deployment::environment)
            .toList();
    var granted = new ArrayList<EnvironmentGrant>();
    for (EnvironmentName name : names) {
      boolean cleared =
          signed
              .filter(clearance -> clearance.clearance().environments().contains(name))
              .isPresent();
      if (cleared
          && entered.contains(name)
          && environments.resolve(session, run.repository(), name)
              instanceof Lookup.Known<List<Environment>>(var all)) {
        granted.add(new EnvironmentGrant(name, all));
      }
    }
    return List.copyOf(granted);
  }

  /** Wakes whose turn it is. To be called every second or so. */
  public void sweep(Instant now) {
    List<Deployment> unclosed = database.read(deployments::unclosed);
    List<Deployment> over = unclosed.stream().filter(Deployment::over).toList();
    var turns = new ArrayList<JobRow>();
    for (String id :
        unclosed.stream().filter(Deployment::waiting).map(Deployment::job).distinct().toList()) {
      database.read(session -> mine(session, id, now)).ifPresent(turns::add);
    }
    if (over.isEmpty() && turns.isEmpty()) {
      return;
    }
    database.write(session -> {
      for (Deployment one : over) {
        deployments.close(session, one);
      }
      // Each is looked at once more before it starts.
      for (JobRow job : turns) {
        runs.wake(session, job);
      }
      return true;
    });
  }

  private Optional<JobRow> mine(Session session, String id, Instant now) throws SQLException {
    JobRow job = runs.job(session, id);
    Run run = runs.find(session, job.run());
    Job asks = runs.plan(session, run).get(job.position()).job();
    return Bound.of(asks, Runs.event(session, run).happening()) instanceof Bound.To(var names)
            && turn(session, run, job, names, now).waits().isPresent()
        ? Optional.empty()
        : Optional.of(job);
  }

  /**
   * What an approval of this hold grants: of a job, the environments that it asks for; of a run,
   * none.
   */
  static List<EnvironmentName> asked(Session session, Runs runs, Hold hold) throws SQLException {
    if (hold.job().isEmpty()) {
      return List.of();
    }
    Run run = runs.find(session, hold.run());
    Happening happening = Runs.event(session, run).happening();
    return runs.plan(session, run).stream()
        .filter(planned -> planned.job().name().equals(hold.job().get()))
        .findFirst()
        .map(planned -> Bound.of(planned.job(), happening))
        .map(bound -> bound instanceof Bound.To(var names) ? names : List.<EnvironmentName>of())
        .orElse(List.of());
  }

  private void record(
      Session session, String action, String subject, Audit.Outcome outcome, List<String> reasons)
      throws SQLException {
    audit.record(
        session,
        new Audit.Entry(Holds.HOLDFAST, action, subject, Optional.empty(), outcome, reasons));
  }
}
