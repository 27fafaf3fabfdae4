package dev.holdfast.orchestrator.report;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.run.Run;
import java.net.URI;
import java.util.Optional;

/** How a run is put in the one line that stands beside a commit. */
final class Wording {
  private Wording() {}

  /** One for each workflow; what a pull request started stands beside what a push did. */
  static String context(Run run, Event event) {
    return context(run.workflow(), event);
  }

  private static String context(Run run, String job, Event event) {
    return context(run.workflow() + "/" + job, event);
  }

  private static String context(String what, Event event) {
    return "holdfast/"
        + what
        + (event.happening() instanceof Happening.PullRequest ? " (pull request)" : "");
  }

  /**
   * The status of {@code run} as it is.
   *
   * @param repository its name, by which the terminal finds the run
   * @param here where browsers find this installation, if somebody said so
   */
  static Status status(Run run, Event event, Name repository, Optional<URI> here) {
    String which = repository + "#" + run.number();
    Status.State state =
        switch (run.state()) {
          case HELD -> Status.State.HELD;
          case QUEUED -> Status.State.PENDING;
          case RUNNING -> Status.State.RUNNING;
          case SUCCEEDED -> Status.State.SUCCESS;
          case FAILED -> Status.State.FAILURE;
          case CANCELLED -> Status.State.ERROR;
        };
    String words =
        switch (run.state()) {
          case HELD -> "held, needs approval: holdfast hold show " + which + because(run);
          case QUEUED -> which + " is queued";
          case RUNNING -> which + " is running";
          case SUCCEEDED -> which + " succeeded";
          case FAILED -> which + " failed" + reason(run.reason());
          case CANCELLED -> which + " did not run to its end" + reason(run.reason());
        };
    return new Status(
        new CommitId(run.commit()), context(run, event), run.id(), state, words, page(here, run));
  }

  /**
   * The status of a job as it is.
   *
   * @param repository its name, by which the terminal finds the run
   * @param here where browsers find this installation, if somebody said so
   */
  static Status status(OwedJob job, Run run, Event event, Name repository, Optional<URI> here) {
    String which = repository + "#" + run.number() + " " + job.key();
    Status.State state =
        switch (job.state()) {
          case HELD -> Status.State.HELD;
          case WAITING, QUEUED -> Status.State.PENDING;
          case RUNNING -> Status.State.RUNNING;
          case SUCCEEDED -> Status.State.SUCCESS;
          case FAILED -> Status.State.FAILURE;
          case CANCELLED, SKIPPED -> Status.State.ERROR;
        };
    String words =
        switch (job.state()) {
          case HELD -> which + " is held";
          case WAITING, QUEUED -> which + " waits";
          case RUNNING -> which + " is running";
          case SUCCEEDED -> which + " succeeded";
          case FAILED -> which + " failed" + reason(job.reason());
          case CANCELLED -> which + " was cancelled" + reason(job.reason());
          case SKIPPED -> which + " was skipped" + reason(job.reason());
        };
    return new Status(
        new CommitId(run.commit()),
        context(run, job.key(), event),
        run.id(),
        state,
        words,
        page(here, run));
  }

  private static Optional<URI> page(Optional<URI> here, Run run) {
    return here.map(base -> URI.create(base + "/runs/" + run.id()));
  }

  private static String because(Run run) {
    return run.why().isEmpty() ? "" : " (" + String.join("; ", run.why()) + ")";
  }

  private static String reason(Optional<String> reason) {
    return reason.map(why -> ": " + why.lines().findFirst().orElse("")).orElse("");
  }
}
