package dev.holdfast.orchestrator.run;

import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * One try at a job, as it is kept.
 *
 * @param fence sent with all that is said of it; the attempt's number at its job too
 * @param heard whether its agent has ever shown that it knows of it
 * @param nextEvent the number of the event that is wanted next
 * @param cancelBy when the orchestrator stops waiting for its agent to cancel it
 * @param logLength as its agent said at the end
 * @param image the very one that it ran in, by its digest
 */
public record Attempt(
    String id,
    String job,
    String run,
    String agent,
    long fence,
    AttemptState state,
    Optional<String> reason,
    boolean heard,
    long nextEvent,
    Instant leaseUntil,
    Optional<Instant> cancelBy,
    Optional<Long> logLength,
    Optional<String> image,
    Instant leased,
    Optional<Instant> started,
    Optional<Instant> finished) {

  public static Attempt of(Row row) throws SQLException {
    return new Attempt(
        row.text("id"),
        row.text("job_id"),
        row.text("run_id"),
        row.text("agent_id"),
        row.number("fence"),
        AttemptState.valueOf(row.text("state")),
        row.maybeText("reason"),
        row.flag("heard"),
        row.number("next_event"),
        row.time("lease_until"),
        row.maybeTime("cancel_by"),
        row.maybeNumber("log_length"),
        row.maybeText("image"),
        row.time("leased_at"),
        row.maybeTime("started_at"),
        row.maybeTime("finished_at"));
  }
}
