package dev.holdfast.model.event;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import java.util.Map;
import java.util.Optional;

/** What happened. Every kind names the commit that a run of it would be at. */
public sealed interface Happening {
  CommitId commit();

  /** The branch or tag, for people and for filters. */
  RefName ref();

  /**
   * A branch got commits.
   *
   * @param before where it was; empty if it is new
   * @param forced whether {@code before} is not an ancestor
   */
  record Push(RefName ref, CommitId commit, Optional<CommitId> before, boolean forced)
      implements Happening {}

  /** A tag was made or moved. */
  record Tag(RefName ref, CommitId commit) implements Happening {}

  /**
   * A pull request changed.
   *
   * @param baseCommit where the base is; empty where the forge does not tell with the event, and
   *     until it was looked up
   * @param ref of the head
   * @param commit of the head
   * @param fork whether head and base are in different repositories
   */
  record PullRequest(
      long number,
      PullRequestAction action,
      RefName base,
      Optional<CommitId> baseCommit,
      RefName ref,
      CommitId commit,
      boolean fork)
      implements Happening {
    public PullRequest(
        long number,
        PullRequestAction action,
        RefName base,
        CommitId baseCommit,
        RefName ref,
        CommitId commit,
        boolean fork) {
      this(number, action, base, Optional.of(baseCommit), ref, commit, fork);
    }

    /** The same, its base found at {@code found}. */
    public PullRequest onto(Optional<CommitId> found) {
      return new PullRequest(number, action, base, found, ref, commit, fork);
    }
  }

  /** Somebody asked for one workflow. */
  record Manual(Name workflow, RefName ref, CommitId commit, Map<String, String> inputs)
      implements Happening {}

  /** The clock came to a workflow's schedule. */
  record Schedule(Name workflow, String cron, RefName ref, CommitId commit) implements Happening {}
}
