package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.hold.Hold;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.CommitMessage;
import dev.holdfast.orchestrator.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A hold, with all that somebody has to know before they say yes or no.
 *
 * @param named what people call its repository
 * @param message what the commit's author wrote of it, if that is known
 * @param step that waits, where only one does
 * @param hands everybody who had a hand in it
 * @param past of whom it is attributed to; empty where the forge names nobody
 * @param policy that is in force now
 * @param origin where that comes from, in words
 * @param missing what would still be needed
 * @param newer what waits of the same pull request or branch that came later
 * @param beside what else of its run is or was held
 * @param ended who ended it
 * @param why it ended
 */
record HoldSheet(
    Hold hold,
    Optional<Repository> repository,
    String named,
    Run run,
    Event event,
    Optional<CommitMessage> message,
    Optional<StepAt> step,
    List<Hand> hands,
    Optional<Past> past,
    List<JobGets> jobs,
    Lookup<Policy> policy,
    String origin,
    List<Consent> approvals,
    List<String> missing,
    Optional<Beside> newer,
    List<Beside> beside,
    Optional<String> ended,
    Optional<String> why,
    May may) {

  /**
   * @param number from 1, as people count
   */
  record StepAt(int number, String name) {}

  /**
   * Somebody who had a hand in it.
   *
   * @param who as the forge names them
   * @param user what people call the Holdfast user whose account that is
   * @param failed why it could not be told
   */
  record Hand(Optional<Contributor> who, Optional<String> user, Optional<String> failed) {}

  /**
   * @param mine whether it is of who looks
   */
  record Consent(String by, Instant at, boolean mine) {}

  /** Another hold, to look at as well. */
  record Beside(String id, String title, Hold.State state, CommitId head) {}

  /** Why whoever looks may not do a thing; empty where they may. */
  record May(Optional<String> notApprove, Optional<String> notReject, Optional<String> notAgain) {
    boolean approve() {
      return notApprove.isEmpty();
    }

    boolean reject() {
      return notReject.isEmpty();
    }

    boolean again() {
      return notAgain.isEmpty();
    }
  }

  boolean waits() {
    return hold.state() == Hold.State.HELD;
  }

  /** What of the run waits. */
  String what() {
    return hold.job()
        .map(job -> step.map(at -> "step " + at.number() + " of job " + job).orElse("job " + job))
        .orElse("the whole run");
  }

  Optional<Happening.PullRequest> request() {
    return event.happening() instanceof Happening.PullRequest request
        ? Optional.of(request)
        : Optional.empty();
  }

  /** Whether other definitions run than those of the commit itself. */
  boolean pinned() {
    return !hold.base().equals(hold.head());
  }

  /** What the commit is compared with, if anything. */
  Optional<CommitId> against() {
    if (pinned()) {
      return Optional.of(hold.base());
    }
    return switch (event.happening()) {
      case Happening.PullRequest request -> request.baseCommit();
      case Happening.Push push -> push.before();
      case Happening.Tag _, Happening.Manual _, Happening.Schedule _ -> Optional.empty();
    };
  }

  /** How many people release it; empty if none can. */
  Optional<Release.Approval> asked() {
    return hold.asked().release() instanceof Release.Approval asked
        ? Optional.of(asked)
        : Optional.empty();
  }
}
