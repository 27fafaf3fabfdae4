package dev.holdfast.model.decision;

/** The kinds of reasons that a run waits or is refused for. */
public enum Cause {
  /** It is not a repository of this Holdfast. */
  NOT_OURS,
  /** There is no settled commit whose definition could be run instead of the head's. */
  NOTHING_TO_PIN_TO,
  POLICY_UNREADABLE,
  FORK,
  /** Somebody who had a hand in it is not known. */
  UNKNOWN,
  /** Policy has everybody wait who is not trusted. */
  NOT_TRUSTED,
  /** Who is not trusted changes workflows. */
  WORKFLOWS_CHANGED,
  /** Whether workflows changed cannot be told. */
  DIFFERENCE_UNKNOWN,
  /** History was rewritten by who is not trusted. */
  FORCED,
  /** The commit it builds on was itself never decided to run. */
  UNSETTLED,
  /** A job of a restricted run asks for more than such a run gets. */
  PRIVILEGED,
  /** The workflow itself has the job wait for people. */
  ASKED,
  /** An environment that the job runs in has it wait for people. */
  ENVIRONMENT
}
