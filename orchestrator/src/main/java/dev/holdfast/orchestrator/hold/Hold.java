package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.approval.Subject;
import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that waits for a person.
 *
 * @param job the one that waits; empty if all of the run does
 * @param step of the job, from 0, which waits where the job itself does not
 * @param round of a step: how often its run was started over before
 * @param floor the weakest wall for what is released
 * @param limits the most that it then gets
 * @param policy that it was decided under; empty if that could not be read
 * @param why it ended
 */
public record Hold(
    String id,
    String repository,
    String event,
    String run,
    Optional<Name> job,
    Optional<Integer> step,
    long round,
    State state,
    Asked asked,
    Tier floor,
    Limits limits,
    Optional<Long> pullRequest,
    CommitId head,
    CommitId base,
    Digest definition,
    Optional<Digest> policy,
    Instant created,
    Instant expires,
    Optional<Instant> ended,
    Optional<String> endedBy,
    Optional<String> why) {
  /** Where it stands. */
  public enum State {
    HELD,
    RELEASED,
    REJECTED,
    EXPIRED,
    /** Something newer took its place, or the run was cancelled. */
    WITHDRAWN
  }

  /**
   * What of a run waits.
   *
   * @param job empty for all of it
   * @param step of the job; empty for all of that
   */
  record Place(Optional<Name> job, Optional<Integer> step) {
    static Place of(Optional<Name> job) {
      return new Place(job, Optional.empty());
    }
  }

  /** Why it waits, and what releases it. */
  public record Asked(List<Reason> reasons, Release release) {}

  /** Whether its workflow or an environment has the job wait, whatever else does. */
  boolean byItself() {
    return asked.reasons().stream()
        .anyMatch(reason -> reason.cause() == Cause.ASKED || reason.cause() == Cause.ENVIRONMENT);
  }

  /** What an approval of it is over; empty where there is no policy that it could name. */
  Optional<Subject> subject() {
    return policy.map(named -> new Subject(repository, pullRequest, head, base, definition, named));
  }

  public static Hold of(Row row) throws SQLException {
    return new Hold(
        row.text("id"),
        row.text("repository_id"),
        row.text("event_id"),
        row.text("run_id"),
        row.maybeText("job_name").map(Name::new),
        row.maybeNumber("step").map(Math::toIntExact),
        row.number("round"),
        State.valueOf(row.text("state")),
        Records.read(Asked.class, row.text("asked")),
        Tier.valueOf(row.text("floor")),
        row.maybeText("limits").map(text -> Records.read(Limits.class, text)).orElse(Limits.NONE),
        row.maybeNumber("pull_request"),
        new CommitId(row.text("head_id")),
        new CommitId(row.text("base_id")),
        new Digest(row.text("definition")),
        row.maybeText("policy").map(Digest::new),
        row.time("created_at"),
        row.time("expires_at"),
        row.maybeTime("ended_at"),
        row.maybeText("ended_by"),
        row.maybeText("why"));
  }
}
