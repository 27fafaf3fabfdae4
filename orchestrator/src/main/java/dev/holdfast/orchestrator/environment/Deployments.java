package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.JobRow;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who is in an environment, who waits for it and who was there. Nothing is written when a job ends,
 * is lost or is cancelled: a deployment is over when its attempt is. So neither an agent that is
 * gone nor an orchestrator that was killed leaves an environment taken. Thread-safe.
 */
public final class Deployments {
  private final Database database;

  public Deployments(Database database) {
    this.database = database;
  }

  /** All that are in an environment of a repository or in line for it, in the order they came. */
  public List<Deployment> open(Session session, String repository, EnvironmentName environment)
      throws SQLException {
    return session
        .list(
            Deployment.SELECT
                + "deployment.repository_id = ? AND deployment.environment = ? AND deployment.open"
                + " = 1 ORDER BY deployment.id",
            Deployment::of,
            repository,
            environment.value())
        .stream()
        .filter(deployment -> !deployment.over())
        .toList();
  }

  /** All of every environment that were not closed yet; also such as are over. */
  public List<Deployment> unclosed(Session session) throws SQLException {
    return session.list(
        Deployment.SELECT + "deployment.open = 1 ORDER BY deployment.id", Deployment::of);
  }

  /** The newest ones of an environment, newest first. */
  public List<Deployment> history(
      Session session, String repository, EnvironmentName environment, int most)
      throws SQLException {
    return session.list(
        Deployment.SELECT
            + "deployment.repository_id = ? AND deployment.environment = ? ORDER BY deployment.id"
            + " DESC LIMIT ?",
        Deployment::of,
        repository,
        environment.value(),
        most);
  }

  /** Those of the attempt at a job with this fence, in the order of its environments. */
  public List<Deployment> of(Session session, String job, long fence) throws SQLException {
    return session.list(
        Deployment.SELECT + "deployment.job_id = ? AND deployment.fence = ? ORDER BY deployment.id",
        Deployment::of,
        job,
        fence);
  }

  /** Puts a job at the end of the line, unless it stands in it. */
  public void queue(
      Session session, JobRow job, String repository, EnvironmentName environment, Instant now)
      throws SQLException {
    boolean stands =
        of(session, job.id(), job.fence() + 1).stream()
            .anyMatch(d -> d.environment().equals(environment) && d.waiting());
    if (stands) {
      return;
    }
    session.update(
        "INSERT INTO deployment (id, repository_id, environment, run_id, job_id, fence, asked_at,"
            + " open) VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (job_id, fence, environment) DO"
            + " UPDATE SET id = excluded.id, asked_at = excluded.asked_at, began_at = NULL, open ="
            + " 1",
        database.ids().next("dep"),
        repository,
        environment.value(),
        job.run(),
        job.id(),
        job.fence() + 1,
        now);
  }

  /**
   * The attempt that a job is about to have is in all the environments that it stood in line for.
   */
  public void begin(Session session, JobRow job, Instant now) throws SQLException {
    session.update(
        "UPDATE deployment SET began_at = ? WHERE job_id = ? AND fence = ?",
        now,
        job.id(),
        job.fence() + 1);
  }

  /** One that is over need not be looked at again. */
  public void close(Session session, Deployment over) throws SQLException {
    session.update("UPDATE deployment SET open = 0 WHERE id = ? AND open = 1", over.id());
  }

  /** The one with this id. */
  public Optional<Deployment> find(Session session, String id) throws SQLException {
    return session.first(Deployment.SELECT + "deployment.id = ?", Deployment::of, id);
  }
}
