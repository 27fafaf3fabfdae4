package dev.holdfast.orchestrator.run;

import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A run, as it is kept.
 *
 * @param number counts up per repository
 * @param workflow its name; {@link Runs#UNREADABLE} for definitions that could not be read
 * @param event what a manual start gave, completed by the workflow's defaults; else as in the inbox
 * @param plan digest of the planned jobs; none if there is nothing to run
 * @param sources digest of the Java sources
 * @param trust of everybody who had a hand in it; empty where there was nothing to decide
 * @param base the commit whose definitions run, if that is not {@code commit}
 * @param why it runs, waits or was refused; one line each
 * @param cancel whether somebody asked to cancel it
 * @param reruns how often it was started over
 */
public record Run(
    String id,
    String repository,
    String eventId,
    long number,
    String workflow,
    RunState state,
    Optional<String> reason,
    String ref,
    String commit,
    Optional<String> event,
    Optional<String> plan,
    Optional<String> sources,
    Optional<Trust> trust,
    Optional<String> base,
    List<String> why,
    boolean cancel,
    long reruns,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished) {

  public static Run of(Row row) throws SQLException {
    return new Run(
        row.text("id"),
        row.text("repository_id"),
        row.text("event_id"),
        row.number("number"),
        row.text("workflow"),
        RunState.valueOf(row.text("state")),
        row.maybeText("reason"),
        row.text("ref"),
        row.text("commit_id"),
        row.maybeText("event"),
        row.maybeText("plan"),
        row.maybeText("sources"),
        row.maybeText("trust").map(Trust::valueOf),
        row.maybeText("base_id"),
        row.maybeText("why").map(Why::read).orElse(List.of()),
        row.flag("cancel"),
        row.number("reruns"),
        row.time("created_at"),
        row.maybeTime("started_at"),
        row.maybeTime("finished_at"));
  }
}
