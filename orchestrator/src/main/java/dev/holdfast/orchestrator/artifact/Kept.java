package dev.holdfast.orchestrator.artifact;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.blob.BlobStore;
import dev.holdfast.orchestrator.cache.Caches;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.db.Write;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.taint.NotCleared;
import dev.holdfast.orchestrator.taint.Standing;
import dev.holdfast.orchestrator.taint.Taint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What agents ask about the files of their attempts: caches and artifacts with the blobs that they
 * are made of. Thread-safe.
 */
public final class Kept {
  /** Longer than any commit takes between its blob and its row. */
  private static final Duration UNNEEDED = Duration.ofHours(1);

  private static final int MOST_NOTED = 10_000;
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(10);

  private final Database database;
  private final BlobStore blobs;
  private final Taint taint;
  private final Caches caches;
  private final Artifacts artifacts;
  private final Repositories repositories;
  private final Forge forge;
  private final Audit audit;
  private final InstantSource clock;
  private volatile Instant swept = Instant.EPOCH;

  /** Refusals that are on record: an agent asks again and again. */
  private final Set<String> noted = ConcurrentHashMap.newKeySet();

  public Kept(
      Database database,
      BlobStore blobs,
      Taint taint,
      Caches caches,
      Artifacts artifacts,
      Repositories repositories,
      Forge forge,
      Audit audit,
      InstantSource clock) {
    this.database = database;
    this.blobs = blobs;
    this.taint = taint;
    this.caches = caches;
    this.artifacts = artifacts;
    this.repositories = repositories;
    this.forge = forge;
    this.audit = audit;
    this.clock = clock;
  }

  public Caches caches() {
    return caches;
  }

  public Artifacts artifacts() {
    return artifacts;
  }

  /** What a cache or a download of the attempt's job is to be given. */
  public KeepApi.Found find(String attempt, KeepApi.Find asked) {
    Optional<RefName> main =
        asked.kind() == KeepApi.Kind.CACHE ? defaultBranch(attempt) : Optional.empty();
    KeepApi.Found found =
        write(s -> {
          Standing job = of(s, attempt, asked.fence());
          return switch (asked.kind()) {
            case CACHE -> caches.find(s, job, asked.index(), asked.hashes(), main, clock.instant());
            case ARTIFACT -> artifacts.find(s, job, asked.index(), clock.instant());
          };
        });
    return found;
  }

  /** Without an answer nobody reads what the default branch kept. */
  private Optional<RefName> defaultBranch(String attempt) {
    String repository = read(s -> taint.of(s, attempt).run().repository());
    return repositories
        .byId(repository)
        .flatMap(known -> {
          try {
            return Optional.of(forge.defaultBranch(known));
          } catch (ForgeUnavailable e) {
            return Optional.empty();
          }
        });
  }

  /** Whether a cache or an upload of the attempt's job would be kept. */
  public KeepApi.Offered offer(String attempt, KeepApi.Offer asked) {
    KeepApi.Offered offered =
        write(s -> {
          Standing job = of(s, attempt, asked.fence());
          return switch (asked.kind()) {
            case CACHE -> caches.offer(s, job, asked.index(), asked.hashes());
            case ARTIFACT -> artifacts.offer(s, job, asked.index());
          };
        });
    if (offered.wanted()) {
      // What an earlier try of the same attempt sent is not to be mixed with what comes.
      discard(upload(attempt, name(asked.kind(), asked.index())));
    }
    return offered;
  }

  /**
   * Takes a piece of an upload.
   *
   * @param most bytes that it may have
   * @throws BlobStore.Gap if it would leave a hole
   */
  public long append(String attempt, String upload, long offset, byte[] bytes, long most)
      throws IOException, BlobStore.Gap {
    if (offset + bytes.length > most) {
      throw new Conflict("the upload is larger than may be kept; keep less in it");
    }
    return blobs.append(upload(attempt, upload), offset, bytes);
  }

  /** An upload is whole. */
  public KeepApi.Committed commit(String attempt, KeepApi.Commit asked) throws IOException {
    read(s -> of(s, attempt, asked.fence()));
    BlobStore.Pin pin;
    try {
      pin =
          blobs.seal(
              upload(attempt, name(asked.kind(), asked.index())), asked.digest(), asked.size());
    } catch (BlobStore.Mismatch e) {
      return again(attempt, asked, String.valueOf(e.getMessage()));
    }
    try (pin) {
      return keep(attempt, asked);
    }
  }

  /** The bytes are gone, or never came: if they were kept before, this is the same call again. */
  private KeepApi.Committed again(String attempt, KeepApi.Commit asked, String why) {
    boolean known =
        database.read(s ->
            s.first(
                    "SELECT 1 FROM cache_entry WHERE attempt_id = ? AND digest = ? UNION ALL SELECT"
                        + " 1 FROM artifact WHERE attempt_id = ? AND digest = ?",
                    row -> true,
                    attempt,
                    asked.digest().value(),
                    attempt,
                    asked.digest().value())
                .isPresent());
    return known ? keep(attempt, asked) : new KeepApi.Committed(false, why);
  }

  private KeepApi.Committed keep(String attempt, KeepApi.Commit asked) {
    return write(s -> {
      Standing job = of(s, attempt, asked.fence());
      Instant now = clock.instant();
      return switch (asked.kind()) {
        case CACHE ->
            caches.keep(s, job, asked.index(), asked.hashes(), asked.digest(), asked.size(), now);
        case ARTIFACT -> artifacts.keep(s, job, asked.index(), asked.digest(), asked.size(), now);
      };
    });
  }

  /**
   * A blob that the attempt was given.
   *
   * @throws Conflict if it was not
   */
  public Optional<BlobStore.Reading> read(String attempt, Digest digest) throws IOException {
    if (!database.read(s -> Taint.mayRead(s, attempt, digest))) {
      throw new Conflict("the attempt " + attempt + " was not given " + digest);
    }
    return open(digest);
  }

  /** An artifact's bytes, for people. */
  public Optional<BlobStore.Reading> read(Artifact artifact) throws IOException {
    return open(artifact.digest());
  }

  private Optional<BlobStore.Reading> open(Digest digest) throws IOException {
    try {
      return blobs.open(digest);
    } catch (BlobStore.Damaged e) {
      database.write(s -> {
        caches.lost(s, digest);
        artifacts.lost(s, digest);
        audit.record(
            s,
            new Audit.Entry(
                "holdfast",
                "blob.damaged",
                digest.value(),
                Optional.empty(),
                Audit.Outcome.REFUSED,
                List.of(String.valueOf(e.getMessage()))));
        return true;
      });
      return Optional.empty();
    }
  }

  /** Removes what is old and what nobody needs. To be called every second or so. */
  public void sweep() {
    Instant now = clock.instant();
    if (now.isBefore(swept.plus(BETWEEN_SWEEPS))) {
      return;
    }
    swept = now;
    database.write(s -> {
      caches.sweep(s, now);
      artifacts.sweep(s, now);
      return true;
    });
    try {
      blobs.sweep(this::needed, UNNEEDED);
    } catch (IOException e) {
      throw new UncheckedIOException("the blob store cannot be swept", e);
    }
  }

  private boolean needed(Digest digest) {
    return database.read(s ->
        s.first(
                "SELECT 1 FROM cache_entry WHERE digest = ? UNION ALL SELECT 1 FROM artifact WHERE"
                    + " digest = ?",
                row -> true,
                digest.value(),
                digest.value())
            .isPresent());
  }

  private <T> T read(Write<T> work) {
    try {
      return database.read(work);
    } catch (NotCleared e) {
      throw onRecord(e);
    }
  }

  private <T> T write(Write<T> work) {
    try {
      return database.write(work);
    } catch (NotCleared e) {
      throw onRecord(e);
    }
  }

  /** Somebody wrote into the database: that is to be found, once for each run and reason. */
  private NotCleared onRecord(NotCleared refusal) {
    String why = String.valueOf(refusal.getMessage());
    if (noted.size() >= MOST_NOTED) {
      noted.clear();
    }
    if (noted.add(refusal.run() + " " + why)) {
      database.write(s -> {
        audit.record(
            s,
            new Audit.Entry(
                "holdfast",
                "kept.not-cleared",
                refusal.run(),
                Optional.empty(),
                Audit.Outcome.REFUSED,
                List.of(why)));
        return true;
      });
    }
    return refusal;
  }

  private Standing of(Session session, String attempt, long fence) throws SQLException {
    Standing standing = taint.of(session, attempt);
    if (standing.attempt().fence() != fence || standing.attempt().state().over()) {
      throw new Conflict(
          "the attempt " + attempt + " is over or has another fence; stop it and say no more");
    }
    return standing;
  }

  private void discard(String upload) {
    try {
      blobs.discard(upload);
    } catch (IOException e) {
      throw new UncheckedIOException("the blob store cannot be written", e);
    }
  }

  private static String name(KeepApi.Kind kind, int index) {
    return kind.name().toLowerCase(java.util.Locale.ROOT) + "-" + index;
  }

  private static String upload(String attempt, String upload) {
    return attempt + "-" + upload;
  }
}
