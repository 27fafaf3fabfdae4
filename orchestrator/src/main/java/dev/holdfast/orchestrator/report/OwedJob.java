package dev.holdfast.orchestrator.report;

import dev.holdfast.model.run.JobState;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A job of which a forge does not know how it stands. It is told along with its run.
 *
 * @param told the last state that the forge took
 */
record OwedJob(
    String id, String key, JobState state, Optional<String> reason, Optional<JobState> told) {
  /** Above it a page of statuses is read by nobody; what failed is told all the same. */
  private static final int MOST = 30;

  /** Those of a run that are to be told, in the order of its plan. One job is its run's status. */
  static List<OwedJob> of(Session session, String run) throws SQLException {
    List<OwedJob> jobs =
        session.list(
            "SELECT * FROM job WHERE run_id = ? ORDER BY position",
            row ->
                new OwedJob(
                    row.text("id"),
                    row.text("job_key"),
                    JobState.valueOf(row.text("state")),
                    row.maybeText("reason"),
                    row.maybeText("told").map(JobState::valueOf)),
            run);
    return jobs.size() == 1
        ? List.of()
        : jobs.stream().filter(job -> job.owed(jobs.size() > MOST)).toList();
  }

  private boolean owed(boolean many) {
    if (told.isPresent()) {
      return told.get() != state;
    }
    return switch (state) {
      case FAILED -> true;
      case RUNNING, SUCCEEDED, CANCELLED -> !many;
      case HELD, WAITING, QUEUED, SKIPPED -> false;
    };
  }

  /** The forge took it. */
  void told(Session session) throws SQLException {
    session.update("UPDATE job SET told = ? WHERE id = ?", state, id);
  }
}
