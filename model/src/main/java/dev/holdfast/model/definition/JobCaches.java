package dev.holdfast.model.definition;

/** What a job says about caches as such. */
public enum JobCaches {
  /** Neither it nor any job that it builds on restores one: as for a release. */
  NONE
}
