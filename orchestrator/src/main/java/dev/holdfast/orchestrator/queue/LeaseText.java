package dev.holdfast.orchestrator.queue;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.Entering;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Demand;
import dev.holdfast.orchestrator.run.JobRow;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.ServiceImages;
import dev.holdfast.orchestrator.run.UnknownId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an agent is told of the attempts that it got. Thread-safe. */
public final class LeaseText {
  private final Runs runs;
  private final Attempts attempts;
  private final Repositories repositories;
  private final Credentials credentials;
  private final Entering entering;

  public LeaseText(
      Runs runs,
      Attempts attempts,
      Repositories repositories,
      Credentials credentials,
      Entering entering) {
    this.entering = entering;
    this.credentials = credentials;
    this.runs = runs;
    this.attempts = attempts;
    this.repositories = repositories;
  }

  List<AgentApi.Lease> leases(Session session, List<String> ids) throws SQLException {
    var leases = new ArrayList<AgentApi.Lease>();
    for (String id : ids) {
      leases.add(lease(session, attempts.find(session, id)));
    }
    return leases;
  }

  private AgentApi.Lease lease(Session session, Attempt attempt) throws SQLException {
    Run run = runs.find(session, attempt.run());
    PlannedJob job = attempts.planned(session, attempt);
    Event event = runs.event(session, run);
    Repository repository =
        repositories
            .byId(run.repository())
            .orElseThrow(() -> new UnknownId("there is no repository " + run.repository()));
    Optional<dev.holdfast.model.definition.Sources> sources =
        job.job().hasCode() && run.sources().isPresent()
            ? Optional.of(runs.plans().sources(session, run.sources().get()))
            : Optional.empty();
    return new AgentApi.Lease(
        attempt.id(),
        attempt.fence(),
        (int) attempt.fence(),
        run.id(),
        new Name(run.workflow()),
        job,
        event,
        new AgentApi.Source(
            repository.id(),
            repository.name().value(),
            url(repository, attempt),
            fullRef(repository, event.happening()),
            new CommitId(run.commit())),
        sources,
        job.needs().isEmpty() ? Map.of() : outputs(session, run, job),
        demand(session, attempt).tier(),
        pinned(session, attempt),
        job.job().services().isEmpty() ? Map.of() : ServiceImages.before(session, attempt),
        cleared(session, run, job),
        entered(session, attempt));
  }

  private List<AgentApi.Entered> entered(Session session, Attempt attempt) throws SQLException {
    return entering.granted(session, attempt).stream()
        .map(grant -> new AgentApi.Entered(grant.name(), grant.variables()))
        .toList();
  }

  private Optional<AgentApi.Cleared> cleared(Session session, Run run, PlannedJob job)
      throws SQLException {
    Optional<Clearance.Signed> signed = Clearances.of(session, run.id(), job.job().name());
    return signed.isEmpty()
        ? Optional.empty()
        : Optional.of(new AgentApi.Cleared(signed.get(), runs.definition(session, run)));
  }

  /** What needs a token to be read is fetched by us: no agent is given the token. */
  private String url(Repository repository, Attempt attempt) {
    return repository.location() instanceof Repository.Location.AtForge
            && credentials.any(repository)
        ? AgentApi.Source.SERVED
            + "/agent/v1/attempts/"
            + attempt.id()
            + "/"
            + attempt.fence()
            + "/source.git"
        : repository.location().url();
  }

  private static Demand demand(Session session, Attempt attempt) throws SQLException {
    return session
        .first("SELECT labels FROM job WHERE id = ?", row -> row.text("labels"), attempt.job())
        .map(Demand::read)
        .orElseThrow(() -> new UnknownId("there is no job " + attempt.job()));
  }

  /** What the newest earlier attempt that had an image ran in. */
  private static Optional<String> pinned(Session session, Attempt attempt) throws SQLException {
    return session.first(
        "SELECT image FROM attempt WHERE job_id = ? AND fence < ? AND image IS NOT NULL ORDER BY"
            + " fence DESC LIMIT 1",
        row -> row.text("image"),
        attempt.job(),
        attempt.fence());
  }

  private Map<String, Map<String, String>> outputs(Session session, Run run, PlannedJob job)
      throws SQLException {
    var outputs = new LinkedHashMap<String, Map<String, String>>();
    for (JobRow other : runs.jobs(session, run.id())) {
      if (job.needs().contains(other.key())) {
        var own = new LinkedHashMap<String, String>();
        session.list(
            "SELECT output.name, output.value FROM output JOIN attempt ON attempt.id ="
                + " output.attempt_id WHERE attempt.job_id = ? AND attempt.fence = ? ORDER BY"
                + " output.name",
            row -> own.put(row.text("name"), row.text("value")),
            other.id(),
            other.fence());
        outputs.put(other.key(), own);
      }
    }
    return outputs;
  }

  private static String fullRef(Repository repository, Happening happening) {
    return switch (happening) {
      // A fork's branch is not in the repository; its forge keeps each head under the number.
      case Happening.PullRequest request
          when repository.location() instanceof Repository.Location.AtForge ->
          "refs/pull/" + request.number() + "/head";
      case Happening.Tag tag -> "refs/tags/" + tag.ref();
      case Happening.Push push -> "refs/heads/" + push.ref();
      case Happening.PullRequest request -> "refs/heads/" + request.ref();
      case Happening.Manual manual -> "refs/heads/" + manual.ref();
      case Happening.Schedule schedule -> "refs/heads/" + schedule.ref();
    };
  }
}
