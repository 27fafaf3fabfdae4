package dev.holdfast.orchestrator.artifact;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Files that an attempt gave.
 *
 * @param job the key of its job
 * @param trust of its run, or of what the attempt had read, whichever is less
 */
public record Artifact(
    String id,
    String repository,
    String run,
    String job,
    String attempt,
    String name,
    Trust trust,
    Digest digest,
    long size,
    Instant created) {
  static Artifact of(Row row) throws SQLException {
    return new Artifact(
        row.text("id"),
        row.text("repository_id"),
        row.text("run_id"),
        row.text("job_key"),
        row.text("attempt_id"),
        row.text("name"),
        Trust.valueOf(row.text("trust")),
        new Digest(row.text("digest")),
        row.number("size"),
        row.time("created_at"));
  }
}
