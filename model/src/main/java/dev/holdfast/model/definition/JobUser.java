package dev.holdfast.model.definition;

/** Who the steps of a job are in their sandbox. */
public enum JobUser {
  /** Nobody in particular; without rights beyond the job's own files. */
  JOB,
  /**
   * Root of its container, with the few rights that a package manager needs. An agent refuses it
   * unless its own policy allows it.
   */
  ROOT
}
