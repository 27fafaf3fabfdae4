package dev.holdfast.model.decision;

import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Standing;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * All that a decision about one workflow's run is made from.
 *
 * @param ours whether the event's repository is one of this Holdfast
 * @param settled what the head is compared with: a commit of a branch whose push a decision let
 *     run, or a person released, or that stood there when the repository was added; runs of pull
 *     requests settle nothing. For a pull request its base commit, if that is one; for a push the
 *     last one of the branch, or, if it has none, of the default branch. Never merely what the
 *     branch pointed to before: that may itself be a push that waits, and what waits must not
 *     become the base of what comes next
 * @param standing of everybody who had a hand in it, brought together by {@link Standing#and}; for
 *     a schedule, of whoever the settled commit was decided for
 * @param difference of the workflows of {@code settled} (or a pull request's base commit) and of
 *     the event's commit
 * @param gets what each job of the workflow would get by the definition that would run
 * @param asked jobs that this definition has wait for people
 */
public record Question(
    Event event,
    boolean ours,
    Optional<CommitId> settled,
    Standing standing,
    Lookup<Policy> policy,
    Lookup<DefinitionDiff> difference,
    Map<Name, Gets> gets,
    Map<Name, JobApproval> asked,
    Instant now) {

  /** Whose definition runs if the head's must not. */
  Optional<CommitId> base() {
    return event.happening() instanceof Happening.PullRequest request
        ? request.baseCommit()
        : settled;
  }
}
