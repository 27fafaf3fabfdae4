package dev.holdfast.sdk;

/** What happened to a pull request. */
public enum PullRequestAction {
  /** It is new. */
  OPENED,
  /** Its head got new commits. */
  SYNCHRONIZED,
  /** It was closed and is open again. */
  REOPENED,
  /** It was closed, merged or not. */
  CLOSED,
  /** It got a label. */
  LABELED,
  /** It lost a label. */
  UNLABELED,
  /** Its title, text or base branch changed. */
  EDITED,
  /** It is no longer a draft. */
  READY_FOR_REVIEW
}
