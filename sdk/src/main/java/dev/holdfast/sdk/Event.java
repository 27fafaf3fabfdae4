package dev.holdfast.sdk;

import java.util.Optional;

/**
 * What started a run. Its texts come from whoever pushed: they are data, and must not become part
 * of a script. A command finds them in its environment.
 *
 * @param kind what happened
 * @param ref the branch or tag; of a pull request, its head's branch
 * @param pullRequest there if a pull request started the run
 */
public record Event(Kind kind, String ref, Optional<Pull> pullRequest) {
  /** What can happen. */
  public enum Kind {
    /** A branch got commits. */
    PUSH,
    /** A tag was made or moved. */
    TAG,
    /** A pull request changed. */
    PULL_REQUEST,
    /** Somebody asked. */
    MANUAL,
    /** The clock came to a schedule. */
    SCHEDULE
  }

  /**
   * A pull request.
   *
   * @param number as people know it
   * @param action what happened to it
   * @param base the branch it is to be merged into
   * @param fork whether its head is in another repository
   */
  public record Pull(long number, PullRequestAction action, String base, boolean fork) {}
}
