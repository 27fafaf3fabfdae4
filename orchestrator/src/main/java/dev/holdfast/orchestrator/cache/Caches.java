package dev.holdfast.orchestrator.cache;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.JobCaches;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.taint.Standing;
import dev.holdfast.orchestrator.taint.Taint;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The caches of all repositories. An entry is found by repository, lineage, layout and key, and
 * given to a job whose run is trusted no more than who wrote it, unless its workflow says otherwise
 * of that one cache. Everything with a {@link Session} is part of a write. Thread-safe.
 */
public final class Caches {
  private final Taint taint;
  private final Ids ids;
  private final Room room;

  /**
   * How much is kept.
   *
   * @param trusted bytes of a repository that trusted runs wrote
   * @param others bytes of a repository that others wrote: these never push trusted ones out
   * @param unused how long what nobody uses is kept
   */
  public record Room(long trusted, long others, Duration unused) {
    private static final long GIB = 1024L * 1024 * 1024;

    public static Room standard() {
      return new Room(10 * GIB, 2 * GIB, Duration.ofDays(30));
    }

    long of(Trust trust) {
      return trust == Trust.TRUSTED ? trusted : others;
    }
  }

  public Caches(Taint taint, Ids ids, Room room) {
    this.taint = taint;
    this.ids = ids;
    this.room = room;
  }

  /**
   * What a cache of the job is to be given; noted as given.
   *
   * @param main the default branch, if it can be told
   */
  public KeepApi.Found find(
      Session session,
      Standing job,
      int index,
      List<String> hashes,
      Optional<RefName> main,
      Instant now)
      throws SQLException {
    Cache cache = cache(job, index);
    List<String> keys = cache.keys(job.job().matrix(), hashes);
    Lineage lineage = Lineage.of(job.event().happening(), main);
    Trust least = cache.from().isPresent() ? Trust.UNKNOWN : job.trust();
    Optional<CacheEntry> found = look(session, job, lineage.reads(), cache, keys, least);
    if (found.isEmpty()) {
      Optional<CacheEntry> passedOver =
          look(session, job, lineage.reads(), cache, keys, Trust.UNKNOWN);
      if (passedOver.isEmpty()) {
        return new KeepApi.Found(List.of(), "nothing is kept as " + keys.getFirst());
      }
      CacheEntry entry = passedOver.get();
      String why =
          "the one that is kept was written by a run that is "
              + entry.trust().word()
              + ", and this one is "
              + job.trust().word();
      taint.record(session, job, "cache.read", entry.id(), Audit.Outcome.REFUSED, why);
      return new KeepApi.Found(
          List.of(), why + "; its workflow can take it by saying from: untrusted");
    }
    CacheEntry entry = found.get();
    taint.given(session, job, "cache", entry.id(), entry.digest(), entry.trust(), now);
    session.update("UPDATE cache_entry SET used_at = ? WHERE id = ?", now, entry.id());
    return new KeepApi.Found(
        List.of(
            new KeepApi.Item(
                entry.digest(),
                entry.size(),
                entry.key(),
                entry.key().equals(keys.getFirst()),
                "of " + entry.scope() + ", " + entry.trust().word())),
        "");
  }

  /** The best: by key before restore keys, by nearness of whose it is, by trust, by age. */
  static Optional<CacheEntry> look(
      Session session,
      Standing job,
      List<String> scopes,
      Cache cache,
      List<String> keys,
      Trust least)
      throws SQLException {
    for (int i = 0; i < keys.size(); i++) {
      for (String scope : scopes) {
        for (Trust trust : List.of(Trust.TRUSTED, Trust.KNOWN, Trust.UNKNOWN)) {
          Optional<CacheEntry> found =
              trust.compareTo(least) < 0
                  ? Optional.empty()
                  : session.first(
                      "SELECT * FROM cache_entry WHERE repository_id = ? AND scope = ? AND trust = ?"
                          + " AND layout = ? AND (cache_key = ? OR (? = 1 AND substr(cache_key, 1,"
                          + " ?) = ?)) ORDER BY created_at DESC, id DESC LIMIT 1",
                      CacheEntry::of,
                      job.run().repository(),
                      scope,
                      trust,
                      cache.layout(),
                      keys.get(i),
                      i > 0,
                      keys.get(i).length() + 1,
                      keys.get(i) + "-");
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a cache of the job would be kept now. */
  public KeepApi.Offered offer(Session session, Standing job, int index, List<String> hashes)
      throws SQLException {
    Cache cache = cache(job, index);
    String key = cache.keys(job.job().matrix(), hashes).getFirst();
    if (!job.mayWriteCaches()) {
      taint.record(
          session,
          job,
          "cache.write",
          job.run().id(),
          Audit.Outcome.REFUSED,
          "nobody released this run, and such a run keeps nothing");
      return new KeepApi.Offered(false, key, "nobody released this run", 0);
    }
    if (there(session, job, cache, key).isPresent()) {
      return new KeepApi.Offered(false, key, "something is kept as " + key + " already", 0);
    }
    long most = Math.min(Caps.standard().packed(), room.of(job.taint()));
    return new KeepApi.Offered(true, key, "", most);
  }

  /** Keeps a blob as a cache of the job, for ever the same. */
  public KeepApi.Committed keep(
      Session session,
      Standing job,
      int index,
      List<String> hashes,
      Digest digest,
      long size,
      Instant now)
      throws SQLException {
    KeepApi.Offered offered = offer(session, job, index, hashes);
    Cache cache = cache(job, index);
    Optional<CacheEntry> before = there(session, job, cache, offered.name());
    if (before.filter(entry -> entry.attempt().equals(job.attempt().id())).isPresent()) {
      return new KeepApi.Committed(true, ""); // the answer to the first went missing
    }
    if (!offered.wanted()) {
      return new KeepApi.Committed(false, offered.why());
    }
    if (size > offered.most()) {
      return new KeepApi.Committed(false, "it is larger than " + Caps.size(offered.most()));
    }
    makeRoom(session, job.run().repository(), job.taint(), size);
    String id = ids.next("cac");
    session.update(
        "INSERT INTO cache_entry (id, repository_id, scope, trust, layout, cache_key, digest, size,"
            + " attempt_id, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        job.run().repository(),
        Lineage.of(job.event().happening(), Optional.empty()).writes(),
        job.taint(),
        cache.layout(),
        offered.name(),
        digest.value(),
        size,
        job.attempt().id(),
        now,
        now);
    return new KeepApi.Committed(true, "");
  }

  private static Optional<CacheEntry> there(Session session, Standing job, Cache cache, String key)
      throws SQLException {
    return session.first(
        "SELECT * FROM cache_entry WHERE repository_id = ? AND scope = ? AND trust = ? AND layout ="
            + " ? AND cache_key = ?",
        CacheEntry::of,
        job.run().repository(),
        Lineage.of(job.event().happening(), Optional.empty()).writes(),
        job.taint(),
        cache.layout(),
        key);
  }

  /** What was not used for longest goes, of those that were trusted alike. */
  private void makeRoom(Session session, String repository, Trust trust, long size)
      throws SQLException {
    boolean trusted = trust == Trust.TRUSTED;
    long used = size;
    for (CacheEntry entry :
        session.list(
            "SELECT * FROM cache_entry WHERE repository_id = ? AND CASE WHEN trust = 'TRUSTED'"
                + " THEN 1 ELSE 0 END = ? ORDER BY"
                + " used_at DESC, id DESC",
            CacheEntry::of,
            repository,
            trusted)) {
      used += entry.size();
      if (used > room.of(trust)) {
        session.update("DELETE FROM cache_entry WHERE id = ?", entry.id());
      }
    }
  }

  /** Of a repository, those used last first. */
  public List<CacheEntry> list(Session session, String repository) throws SQLException {
    return session.list(
        "SELECT * FROM cache_entry WHERE repository_id = ? ORDER BY used_at DESC, id DESC LIMIT"
            + " 1000",
        CacheEntry::of,
        repository);
  }

  /** Removes one of a repository. Whether there was one. */
  public boolean remove(Session session, String repository, String id) throws SQLException {
    return session.update(
            "DELETE FROM cache_entry WHERE repository_id = ? AND id = ?", repository, id)
        > 0;
  }

  /** Removes what nobody used for long. */
  public void sweep(Session session, Instant now) throws SQLException {
    session.update("DELETE FROM cache_entry WHERE used_at < ?", now.minus(room.unused()));
  }

  /** Forgets what has lost its bytes. */
  public void lost(Session session, Digest digest) throws SQLException {
    session.update("DELETE FROM cache_entry WHERE digest = ?", digest.value());
  }

  private static Cache cache(Standing job, int index) {
    List<Cache> caches = job.job().job().cache();
    if (index >= caches.size() || job.job().job().caches().equals(Optional.of(JobCaches.NONE))) {
      throw new Conflict("the job " + job.job().key() + " has no cache " + index);
    }
    return caches.get(index);
  }
}
