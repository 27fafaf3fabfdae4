package dev.holdfast.sdk;

/** What starts a workflow. Made by the methods of {@link Workflows}. */
public sealed interface Trigger permits Push, PullRequest, Manual, Schedule {
  /** Where it was written. */
  Place place();
}
