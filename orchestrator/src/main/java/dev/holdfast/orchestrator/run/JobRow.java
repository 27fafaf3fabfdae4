package dev.holdfast.orchestrator.run;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.JobState;
import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * A job of a run, as it is kept; what it is made of stands in the run's plan.
 *
 * @param position in the plan, from 0
 * @param labels what it asks of an agent, as {@link Demand#text} writes it
 * @param hold the newest of what it waits or waited for; all of it is looked at before each start
 * @param tries since it was last queued by a person or by its needs
 * @param fence of its newest attempt, which is that attempt's number too; 0 before the first
 */
public record JobRow(
    String id,
    String run,
    int position,
    String key,
    String labels,
    Optional<String> hold,
    JobState state,
    Optional<String> reason,
    int tries,
    long fence,
    Optional<Instant> queued,
    Optional<Instant> started,
    Optional<Instant> finished) {

  /** The name of its job; a matrix makes several of one, whose keys go on with a bracket. */
  public Name name() {
    int bracket = key.indexOf('[');
    return new Name(bracket < 0 ? key : key.substring(0, bracket));
  }

  /** What it asks of an agent. */
  public Demand demand() {
    return Demand.read(labels);
  }

  public static JobRow of(Row row) throws SQLException {
    return new JobRow(
        row.text("id"),
        row.text("run_id"),
        (int) row.number("position"),
        row.text("job_key"),
        row.text("labels"),
        row.maybeText("hold_id"),
        JobState.valueOf(row.text("state")),
        row.maybeText("reason"),
        (int) row.number("tries"),
        row.number("fence"),
        row.maybeTime("queued_at"),
        row.maybeTime("started_at"),
        row.maybeTime("finished_at"));
  }
}
