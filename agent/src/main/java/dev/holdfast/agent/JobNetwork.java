package dev.holdfast.agent;

/** What network jobs have; the agent's configuration says, never the job. */
public enum JobNetwork {
  /** Loopback and nothing else. */
  NONE,
  /** A pair of interfaces of the job's own, behind the host's filter. */
  EGRESS
}
