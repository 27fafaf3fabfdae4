package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who was given a secret, from what was recorded when it was given. Thread-safe. */
public final class SeenBy {
  private final Database database;

  public SeenBy(Database database) {
    this.database = database;
  }

  /**
   * An attempt that was given a version of it.
   *
   * @param repository its name
   * @param number of the run
   * @param job its key
   * @param steps that were handed it, by position; none while none was
   */
  public record Sight(
      String repository,
      String run,
      long number,
      String workflow,
      String commit,
      String job,
      String attempt,
      String agent,
      long version,
      Instant given,
      List<Long> steps) {}

  /** All who were given a version of it, the newest first. */
  public List<Sight> of(SecretScope scope, SecretName name, Optional<Long> version, int limit) {
    return database.read(s -> {
      var out = new ArrayList<Sight>();
      List<Sight> given =
          s.list(
              "SELECT repository.name AS repository, run.id AS run, run.number, run.workflow,"
                  + " run.commit_id, job.job_key, attempt.id AS attempt, agent.name AS agent,"
                  + " secret_given.version, given_at FROM secret_given JOIN attempt ON attempt.id ="
                  + " attempt_id JOIN job ON job.id = attempt.job_id JOIN run ON run.id ="
                  + " attempt.run_id JOIN repository ON repository.id = run.repository_id JOIN"
                  + " agent ON agent.id = attempt.agent_id WHERE secret_given.name = ? AND"
                  + " secret_given.scope = ? AND (? = 0 OR secret_given.version = ?) ORDER BY"
                  + " given_at DESC, attempt.id DESC LIMIT ?",
              row ->
                  new Sight(
                      row.text("repository"),
                      row.text("run"),
                      row.number("number"),
                      row.text("workflow"),
                      row.text("commit_id"),
                      row.text("job_key"),
                      row.text("attempt"),
                      row.text("agent"),
                      row.number("version"),
                      row.time("given_at"),
                      List.of()),
              name.value(),
              scope.text(),
              version.orElse(0L),
              version.orElse(0L),
              limit);
      for (Sight one : given) {
        out.add(
            new Sight(
                one.repository(),
                one.run(),
                one.number(),
                one.workflow(),
                one.commit(),
                one.job(),
                one.attempt(),
                one.agent(),
                one.version(),
                one.given(),
                steps(s, one.attempt(), name)));
      }
      return out;
    });
  }

  private static List<Long> steps(Session s, String attempt, SecretName name) throws SQLException {
    return s.list(
        "SELECT step FROM secret_handed WHERE attempt_id = ? AND name = ? ORDER BY step",
        row -> row.number("step"),
        attempt,
        name.value());
  }
}
