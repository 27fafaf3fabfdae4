package dev.holdfast.agent.sandbox;

/** What happens where a host cannot enforce a limit. */
public enum Limiting {
  /** There is no sandbox. */
  ENFORCED,
  /**
   * The job goes without the limits that cannot be had, because an operator said so by name, or
   * because the job is the caller's own.
   */
  WHERE_POSSIBLE
}
