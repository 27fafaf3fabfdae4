package dev.holdfast.model.definition;

/** What part of a job a step belongs to. */
public enum Phase {
  /** Fetches what later steps work with: stands before all others, and is given no secret. */
  INSTALL
}
