package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.Bounds;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.seal.KeysUnavailable;
import dev.holdfast.orchestrator.seal.Seal;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What attempts put out as secret, from then until the repository goes. Only {@link Resolving}
 * reads it. Thread-safe.
 */
final class KeptOutputs {
  private static final String ACTOR = "holdfast";
  private static final String ACTION = "secret.output";

  private final Database database;
  private final SecretOutputs seals;
  private final Fit fit;
  private final Audit audit;
  private final InstantSource clock;

  KeptOutputs(Database database, SecretOutputs seals, Fit fit, Audit audit, InstantSource clock) {
    this.database = database;
    this.seals = seals;
    this.fit = fit;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * One of them.
   *
   * @param fence of the attempt that put it out: the job's tries, counted
   */
  record Kept(SecretName name, SecretOutputs.Place place, long fence, String sealed) {
    /** For people. */
    String described() {
      return name + " of attempt " + place.attempt();
    }
  }

  /** What the newest try at a job of the run put out under this name. */
  static Optional<Kept> find(
      Session session, String repository, String run, SecretName name, SecretName.Output output)
      throws SQLException {
    return session.first(
        "SELECT attempt.id, attempt.fence, secret_output.sealed FROM job JOIN attempt ON"
            + " attempt.job_id = job.id AND attempt.fence = job.fence JOIN secret_output ON"
            + " secret_output.attempt_id = attempt.id WHERE job.run_id = ? AND job.job_key = ? AND"
            + " secret_output.name = ?",
        row ->
            new Kept(
                name,
                new SecretOutputs.Place(
                    repository, run, output.job(), row.text("id"), output.name()),
                row.number("fence"),
                row.text("sealed")),
        run,
        output.job(),
        output.name());
  }

  /**
   * What was put out.
   *
   * @throws Seal.Broken if it was changed, or is another's
   * @throws KeysUnavailable if the key for it cannot be had now
   */
  byte[] open(Kept kept) {
    return seals.open(kept.place(), kept.sealed());
  }

  /** The attempt that puts something out, while an agent has it. */
  private static Optional<SecretOutputs.Place> place(Session session, SecretDelivery.Keep keep)
      throws SQLException {
    return session.first(
        "SELECT run.repository_id, attempt.run_id, job.job_key FROM attempt JOIN job ON job.id ="
            + " attempt.job_id JOIN run ON run.id = attempt.run_id WHERE attempt.id = ? AND"
            + " attempt.agent_id = ? AND attempt.fence = ? AND attempt.state IN ('LEASED',"
            + " 'RUNNING')",
        (Row row) ->
            new SecretOutputs.Place(
                row.text("repository_id"),
                row.text("run_id"),
                row.text("job_key"),
                keep.attempt(),
                keep.output().value()),
        keep.attempt(),
        keep.agent(),
        keep.fence());
  }

  /** Why it is not kept; empty once it is, and that is on record. */
  Optional<SecretDelivery.Answer.Refused> keep(SecretDelivery.Keep keep) {
    Optional<SecretOutputs.Place> place = database.read(s -> place(s, keep));
    if (place.isEmpty()) {
      return refused("the attempt is over, or has another agent or fence", false);
    }
    if (!keep.declared()) {
      return refused(
          "no step of its job says that the output " + keep.output() + " is secret", false);
    }
    Optional<String> problem =
        keep.value().length > Bounds.LONGEST_OUTPUT
            ? Optional.of("it is over " + Bounds.LONGEST_OUTPUT / 1024 + " KiB")
            : fit.problem(keep.value());
    if (problem.isPresent()) {
      return refused(
          "the output " + keep.output() + " cannot be a secret: " + problem.get(), false);
    }
    String sealed;
    try {
      sealed = seals.seal(place.get(), keep.value());
    } catch (KeysUnavailable e) {
      return refused("the output " + keep.output() + " cannot be sealed: " + e.getMessage(), true);
    }
    boolean kept = database.write(s -> write(s, keep, place.get(), sealed));
    return kept
        ? Optional.empty()
        : refused(
            "the attempt is over, or has put out " + Bounds.MOST_OUTPUTS + " secrets already",
            false);
  }

  private boolean write(
      Session s, SecretDelivery.Keep keep, SecretOutputs.Place place, String sealed)
      throws SQLException {
    if (!place(s, keep).equals(Optional.of(place))) {
      return false;
    }
    int changed =
        s.update(
            "INSERT INTO secret_output (attempt_id, name, sealed, put_at) SELECT ?, ?, ?, ? WHERE"
                + " (SELECT count(*) FROM secret_output WHERE attempt_id = ? AND name <> ?) < ? ON"
                + " CONFLICT (attempt_id, name) DO UPDATE SET sealed = excluded.sealed, put_at ="
                + " excluded.put_at",
            keep.attempt(),
            keep.output().value(),
            sealed,
            clock.instant(),
            keep.attempt(),
            keep.output().value(),
            Bounds.MOST_OUTPUTS);
    if (changed == 0) {
      return false;
    }
    audit.record(
        s,
        new Audit.Entry(
            ACTOR,
            ACTION,
            place.run(),
            Optional.empty(),
            Audit.Outcome.DONE,
            List.of(
                "job " + place.job() + ", attempt " + keep.attempt() + ", agent " + keep.agent(),
                "kept " + keep.output())));
    return true;
  }

  private static Optional<SecretDelivery.Answer.Refused> refused(String why, boolean again) {
    return Optional.of(new SecretDelivery.Answer.Refused(why, again));
  }

  /** Destroys what the repository's jobs put out. */
  static void repositoryRemoved(Session s, String repository) throws SQLException {
    s.update(
        "DELETE FROM secret_output WHERE attempt_id IN (SELECT attempt.id FROM attempt JOIN run ON"
            + " run.id = attempt.run_id WHERE run.repository_id = ?)",
        repository);
  }
}
