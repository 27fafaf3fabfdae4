package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.run.JobState;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.run.AttemptState;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * A job in an environment, or in line for one. Where it stands follows from its job and attempt.
 *
 * @param what for people, as {@code app#6/deploy}
 * @param fence of the attempt that it is, or will be
 * @param attempt empty before there is one
 * @param outcome how that stands
 * @param waiting whether its job still waits to have this attempt
 */
public record Deployment(
    String id,
    String repository,
    EnvironmentName environment,
    String run,
    String job,
    String what,
    String commit,
    long fence,
    Optional<String> attempt,
    Optional<AttemptState> outcome,
    boolean waiting,
    Instant asked,
    Optional<Instant> began,
    Optional<Instant> ended) {
  static final String SELECT =
      "SELECT deployment.*, run.number, run.commit_id, job.job_key, job.state AS job_state,"
          + " job.fence AS job_fence, job.queued_at, repository.name AS repository_name, attempt.id"
          + " AS attempt_id, attempt.state AS attempt_state, attempt.finished_at FROM deployment"
          + " JOIN job ON job.id = deployment.job_id JOIN run ON run.id = deployment.run_id JOIN"
          + " repository ON repository.id = deployment.repository_id LEFT JOIN attempt ON"
          + " attempt.job_id = deployment.job_id AND attempt.fence = deployment.fence WHERE ";

  static Deployment of(Row row) throws SQLException {
    Instant asked = row.time("asked_at");
    Optional<String> attempt = row.maybeText("attempt_id");
    return new Deployment(
        row.text("id"),
        row.text("repository_id"),
        new EnvironmentName(row.text("environment")),
        row.text("run_id"),
        row.text("job_id"),
        row.text("repository_name") + "#" + row.number("number") + "/" + row.text("job_key"),
        row.text("commit_id"),
        row.number("fence"),
        attempt,
        row.maybeText("attempt_state").map(AttemptState::valueOf),
        attempt.isEmpty()
            && JobState.valueOf(row.text("job_state")) == JobState.QUEUED
            && row.number("job_fence") + 1 == row.number("fence")
            // Queued once more since: it has to stand in line anew.
            && row.maybeTime("queued_at").filter(asked::isBefore).isEmpty(),
        asked,
        row.maybeTime("began_at"),
        row.maybeTime("finished_at"));
  }

  /** Whether its attempt is an agent's now. */
  public boolean inside() {
    return outcome.filter(state -> !state.over()).isPresent();
  }

  /** Whether it is neither in the environment nor in line any more. */
  public boolean over() {
    return !inside() && !waiting;
  }
}
