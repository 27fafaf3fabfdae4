package dev.holdfast.model.definition;

/** What happened to a pull request. */
public enum PullRequestAction {
  OPENED,
  /** Its head got new commits. */
  SYNCHRONIZED,
  REOPENED,
  CLOSED,
  LABELED,
  UNLABELED,
  EDITED,
  READY_FOR_REVIEW
}
