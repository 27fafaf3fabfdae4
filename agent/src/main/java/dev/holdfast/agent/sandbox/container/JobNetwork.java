package dev.holdfast.agent.sandbox.container;

/** What network a job's container has; the agent's configuration says, never the job. */
public enum JobNetwork {
  /** A network namespace with loopback in it and nothing else. */
  NONE,
  /**
   * A bridge of its own, made for the job and removed after it. It reaches whatever the host's
   * network lets it reach.
   */
  OWN
}
