package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.artifact.Artifact;
import dev.holdfast.orchestrator.artifact.Kept;
import dev.holdfast.orchestrator.blob.BlobStore;
import dev.holdfast.orchestrator.cache.CacheEntry;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repositories;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Artifacts and caches, for people. */
final class ArtifactRoutes {
  private final Database database;
  private final Kept kept;
  private final Repositories repositories;
  private final OnRecord onRecord;

  ArtifactRoutes(Database database, Kept kept, Repositories repositories, OnRecord onRecord) {
    this.database = database;
    this.kept = kept;
    this.repositories = repositories;
    this.onRecord = onRecord;
  }

  /**
   * @param trust of the run that made it, or of what that was given
   * @param digest of its bytes, {@code sha256:} and hex digits
   */
  record Shown(
      String id,
      String name,
      String job,
      String trust,
      String digest,
      long size,
      Instant created) {}

  record All(List<Shown> artifacts) {}

  /**
   * @param scope whose it is: {@code branch:main}, {@code tag:v1} or {@code pull:7}
   */
  record ShownCache(
      String id,
      String key,
      String scope,
      String trust,
      long size,
      Instant created,
      Instant used) {}

  record AllCaches(List<ShownCache> caches) {}

  record Done(boolean removed) {}

  void on(Router router) {
    router.repository(
        Permission.VIEW, HandlerType.GET, "/api/v1/runs/{run}/artifacts", this::artifacts);
    router.repository(
        Permission.VIEW,
        HandlerType.GET,
        "/api/v1/runs/{run}/artifacts/{artifact}/content",
        this::content);
    router.repository(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.DELETE,
        "/api/v1/runs/{run}/artifacts/{artifact}",
        this::removeArtifact);
    router.repository(
        Permission.VIEW, HandlerType.GET, "/api/v1/repositories/{name}/caches", this::caches);
    router.repository(
        Permission.START_RUNS,
        HandlerType.DELETE,
        "/api/v1/repositories/{name}/caches/{cache}",
        this::removeCache);
  }

  private void artifacts(Context ctx) {
    List<Artifact> found = database.read(s -> kept.artifacts().list(s, ctx.pathParam("run")));
    Http.answer(
        ctx,
        All.class,
        new All(
            found.stream()
                .map(a ->
                    new Shown(
                        a.id(),
                        a.name(),
                        a.job(),
                        a.trust().word(),
                        a.digest().value(),
                        a.size(),
                        a.created()))
                .toList()));
  }

  /** As a file to be saved, whatever is in it: nothing of a job's is ever shown by this host. */
  private void content(Context ctx) throws IOException {
    Artifact artifact =
        database.read(
            s -> kept.artifacts().find(s, ctx.pathParam("run"), ctx.pathParam("artifact")));
    try (BlobStore.Reading reading =
        kept.read(artifact)
            .orElseThrow(() ->
                new Problem(
                    404, "the artifact's bytes are not there any more; run the job again"))) {
      ctx.status(200)
          .contentType("application/gzip")
          .header("Content-Disposition", "attachment; filename=\"" + artifact.name() + ".tar.gz\"")
          .header("X-Content-Type-Options", "nosniff")
          .header("Content-Security-Policy", "sandbox; default-src 'none'")
          .header("Cache-Control", "private, no-store");
      ctx.res().setContentLengthLong(reading.size());
      reading.from(0).transferTo(ctx.res().getOutputStream());
    }
  }

  private void removeArtifact(Context ctx) {
    String id = ctx.pathParam("artifact");
    database.write(s -> {
      Artifact artifact = kept.artifacts().find(s, ctx.pathParam("run"), id);
      kept.artifacts().remove(s, id);
      onRecord.done(s, ctx, "artifact.remove", artifact.run(), artifact.name());
      return true;
    });
    Http.answer(ctx, Done.class, new Done(true));
  }

  private void caches(Context ctx) {
    String repository = repository(ctx);
    List<CacheEntry> found = database.read(s -> kept.caches().list(s, repository));
    Http.answer(
        ctx,
        AllCaches.class,
        new AllCaches(
            found.stream()
                .map(c ->
                    new ShownCache(
                        c.id(),
                        c.key(),
                        c.scope(),
                        c.trust().word(),
                        c.size(),
                        c.created(),
                        c.used()))
                .toList()));
  }

  private void removeCache(Context ctx) {
    String repository = repository(ctx);
    String id = ctx.pathParam("cache");
    database.write(s -> {
      if (!kept.caches().remove(s, repository, id)) {
        throw new dev.holdfast.orchestrator.run.UnknownId("there is no cache " + id);
      }
      onRecord.done(s, ctx, "cache.remove", id);
      return true;
    });
    Http.answer(ctx, Done.class, new Done(true));
  }

  private String repository(Context ctx) {
    return repositories
        .byName(Http.name(ctx))
        .orElseThrow(() -> new Problem(404, "there is no repository " + Http.name(ctx)))
        .id();
  }
}
