package dev.holdfast.orchestrator.artifact;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Artifacts.Download;
import dev.holdfast.model.definition.Artifacts.Upload;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.taint.Standing;
import dev.holdfast.orchestrator.taint.Taint;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The artifacts of all runs. A job is given those of jobs of its own run that it needs, and no
 * others, so that nothing comes from one run into another. Everything with a {@link Session} is
 * part of a write. Thread-safe.
 */
public final class Artifacts {
  private static final String WITH_JOB =
      "SELECT artifact.*, job.job_key FROM artifact JOIN job ON job.id = artifact.job_id WHERE ";

  private final Runs runs;
  private final Taint taint;
  private final Ids ids;
  private final Room room;

  /**
   * How much is kept.
   *
   * @param bytes of a repository
   * @param age how long
   */
  public record Room(long bytes, Duration age) {
    public static Room standard() {
      return new Room(20L * 1024 * 1024 * 1024, Duration.ofDays(90));
    }
  }

  public Artifacts(Runs runs, Taint taint, Ids ids, Room room) {
    this.runs = runs;
    this.taint = taint;
    this.ids = ids;
    this.room = room;
  }

  /** What a download of the job is to be given, in the order of the plan; noted as given. */
  public KeepApi.Found find(Session session, Standing job, int index, Instant now)
      throws SQLException {
    List<Download> downloads = job.job().job().downloads();
    if (index >= downloads.size()) {
      throw new Conflict("the job " + job.job().key() + " has no download " + index);
    }
    Download download = downloads.get(index);
    var items = new ArrayList<KeepApi.Item>();
    for (PlannedJob giver : givers(session, job, download)) {
      Optional<Artifact> found = newest(session, job.run().id(), giver.key(), download);
      if (found.isEmpty()) {
        return new KeepApi.Found(
            List.of(), "the job " + giver.key() + " kept none, or it was removed since");
      }
      Artifact artifact = found.get();
      if (artifact.trust().compareTo(job.trust()) < 0 && !taken(session, job, artifact)) {
        return new KeepApi.Found(
            List.of(),
            "the one of job "
                + giver.key()
                + " is made of what a run that is "
                + artifact.trust().word()
                + " kept");
      }
      items.add(
          new KeepApi.Item(
              artifact.digest(),
              artifact.size(),
              "the artifact " + artifact.name() + " of job " + artifact.job(),
              true,
              artifact.trust().word()));
      taint.given(
          session, job, "artifact", artifact.id(), artifact.digest(), artifact.trust(), now);
    }
    return items.isEmpty()
        ? new KeepApi.Found(List.of(), "no job that it needs uploads it")
        : new KeepApi.Found(items, "");
  }

  /**
   * An artifact is trusted less than its own run where that took a cache by the workflow's word;
   * what reads it is tainted like it. One that was written when its run was trusted less, say
   * before somebody joined, is not given to a job that started since.
   */
  private boolean taken(Session session, Standing job, Artifact artifact) throws SQLException {
    if (Taint.least(session, artifact.attempt()).filter(artifact.trust()::equals).isPresent()) {
      return true;
    }
    taint.record(
        session,
        job,
        "artifact.read",
        artifact.id(),
        Audit.Outcome.REFUSED,
        "it was written under less trust than this job has");
    return false;
  }

  private List<PlannedJob> givers(Session session, Standing job, Download download)
      throws SQLException {
    return runs.plan(session, job.run()).stream()
        .filter(other -> job.job().needs().contains(other.key()))
        .filter(
            other -> download.from().isEmpty() || download.from().get().equals(other.job().name()))
        .filter(other ->
            other.job().uploads().stream().anyMatch(up -> up.name().equals(download.name())))
        .toList();
  }

  /** Of the newest attempt of a job: what an earlier one kept is not the job's any more. */
  private static Optional<Artifact> newest(
      Session session, String run, String key, Download download) throws SQLException {
    return session.first(
        WITH_JOB
            + "artifact.run_id = ? AND job.job_key = ? AND artifact.name = ? AND artifact.attempt_id"
            + " = (SELECT attempt.id FROM attempt WHERE attempt.job_id = job.id AND attempt.fence ="
            + " job.fence)",
        Artifact::of,
        run,
        key,
        download.name().value());
  }

  /** Whether an upload of the job would be kept now. */
  public KeepApi.Offered offer(Session session, Standing job, int index) throws SQLException {
    Upload upload = upload(job, index);
    if (there(session, job, upload).isPresent()) {
      return new KeepApi.Offered(false, upload.name().value(), "it was kept already", 0);
    }
    return new KeepApi.Offered(true, upload.name().value(), "", Caps.standard().packed());
  }

  /** Keeps a blob as an artifact of the job. */
  public KeepApi.Committed keep(
      Session session, Standing job, int index, Digest digest, long size, Instant now)
      throws SQLException {
    Upload upload = upload(job, index);
    Optional<String> before = there(session, job, upload);
    if (before.isPresent()) {
      boolean same = before.get().equals(digest.value());
      return new KeepApi.Committed(same, same ? "" : "another one was kept already");
    }
    if (size > Math.min(room.bytes(), Caps.standard().packed())) {
      return new KeepApi.Committed(false, "it is larger than " + Caps.size(room.bytes()));
    }
    makeRoom(session, job.run().repository(), size);
    session.update(
        "INSERT INTO artifact (id, repository_id, run_id, job_id, attempt_id, name, trust, digest,"
            + " size, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ids.next("art"),
        job.run().repository(),
        job.run().id(),
        job.attempt().job(),
        job.attempt().id(),
        upload.name().value(),
        job.taint(),
        digest.value(),
        size,
        now);
    return new KeepApi.Committed(true, "");
  }

  /** The digest of what the attempt kept under this name. */
  private static Optional<String> there(Session session, Standing job, Upload upload)
      throws SQLException {
    return session.first(
        "SELECT digest FROM artifact WHERE attempt_id = ? AND name = ?",
        row -> row.text("digest"),
        job.attempt().id(),
        upload.name().value());
  }

  private static Upload upload(Standing job, int index) {
    List<Upload> uploads = job.job().job().uploads();
    if (index >= uploads.size()) {
      throw new Conflict("the job " + job.job().key() + " has no upload " + index);
    }
    return uploads.get(index);
  }

  /** The oldest of runs that are over go. */
  private void makeRoom(Session session, String repository, long size) throws SQLException {
    long used = size;
    for (Artifact artifact :
        session.list(
            WITH_JOB
                + "artifact.repository_id = ? ORDER BY artifact.created_at DESC, artifact.id DESC",
            Artifact::of,
            repository)) {
      used += artifact.size();
      if (used > room.bytes()) {
        session.update(
            "DELETE FROM artifact WHERE id = ? AND run_id IN (SELECT id FROM run WHERE finished_at"
                + " IS NOT NULL)",
            artifact.id());
      }
    }
  }

  /** Of a run, in the order of its jobs; of each job those of its newest attempt. */
  public List<Artifact> list(Session session, String run) throws SQLException {
    return session.list(
        WITH_JOB
            + "artifact.run_id = ? AND artifact.attempt_id = (SELECT attempt.id FROM attempt WHERE"
            + " attempt.job_id = job.id AND attempt.fence = job.fence) ORDER BY job.position,"
            + " artifact.name",
        Artifact::of,
        run);
  }

  /**
   * The artifact of this run with this id.
   *
   * @throws UnknownId if there is none
   */
  public Artifact find(Session session, String run, String id) throws SQLException {
    return session
        .first(WITH_JOB + "artifact.run_id = ? AND artifact.id = ?", Artifact::of, run, id)
        .orElseThrow(() -> new UnknownId("there is no artifact " + id));
  }

  /** Removes one. */
  public void remove(Session session, String id) throws SQLException {
    session.update("DELETE FROM artifact WHERE id = ?", id);
  }

  /** Removes what is old. */
  public void sweep(Session session, Instant now) throws SQLException {
    session.update("DELETE FROM artifact WHERE created_at < ?", now.minus(room.age()));
  }

  /** Forgets what has lost its bytes. */
  public void lost(Session session, Digest digest) throws SQLException {
    session.update("DELETE FROM artifact WHERE digest = ?", digest.value());
  }
}
