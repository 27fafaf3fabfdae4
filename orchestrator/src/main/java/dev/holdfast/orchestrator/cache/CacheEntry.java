package dev.holdfast.orchestrator.cache;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Files that a job kept for later runs. Nothing of it changes but when it was last used.
 *
 * @param scope whose it is: {@code branch:main}, {@code tag:v1} or {@code pull:7}
 * @param trust of the run that wrote it, or of what that had read, whichever is less
 * @param layout tells caches of other paths apart
 * @param attempt that wrote it
 */
public record CacheEntry(
    String id,
    String repository,
    String scope,
    Trust trust,
    String layout,
    String key,
    Digest digest,
    long size,
    String attempt,
    Instant created,
    Instant used) {
  static CacheEntry of(Row row) throws SQLException {
    return new CacheEntry(
        row.text("id"),
        row.text("repository_id"),
        row.text("scope"),
        Trust.valueOf(row.text("trust")),
        row.text("layout"),
        row.text("cache_key"),
        new Digest(row.text("digest")),
        row.number("size"),
        row.text("attempt_id"),
        row.time("created_at"),
        row.time("used_at"));
  }
}
