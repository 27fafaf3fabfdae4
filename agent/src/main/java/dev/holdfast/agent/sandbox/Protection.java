package dev.holdfast.agent.sandbox;

/**
 * The parts of the wall around a job, each of which can be taken away to show that an attack is
 * stopped by it and by nothing else. {@code docs/architecture.md} says what each is made of.
 */
public enum Protection {
  /** A kernel of its own, in a machine; without: the same job in namespaces of this host's. */
  OWN_KERNEL,
  /** The job's environment is an allowlist; without: it also has the agent's own. */
  CLEAN_ENVIRONMENT,
  /** A user that is nobody on the host; without: the agent's user. */
  OWN_USER,
  /** A pid namespace of its own, and its own {@code /proc}. */
  OWN_PROCESSES,
  /** A network namespace of its own; without: the host's. */
  OWN_NETWORK,
  /** System V objects and message queues of its own. */
  OWN_IPC,
  /** The host's files are not there; without: the host's root is mounted, read-only. */
  OWN_FILES,
  /** The system it sees cannot be written. */
  READ_ONLY_SYSTEM,
  /** {@code /proc} and {@code /sys} without what leaks or acts on the host. */
  MASKED_KERNEL_FILES,
  /** A {@code /dev} with what a build needs; without: the host's. */
  OWN_DEVICES,
  /** No capabilities. */
  NO_CAPABILITIES,
  /** No program can give more rights than its starter had. */
  NO_NEW_PRIVILEGES,
  /** The filter of system calls. */
  SYSTEM_CALLS,
  /** No terminal of the agent's in reach. */
  NO_TERMINAL,
  LIMIT_PROCESSES,
  LIMIT_MEMORY,
  LIMIT_CPU,
  /** What the workspace can hold, in bytes and files. */
  LIMIT_DISK,
  /** What the in-memory directories can hold. */
  LIMIT_SCRATCH,
  LIMIT_OPEN_FILES,
  /** Blocked ranges, host, other jobs. */
  EGRESS_FILTER,
  /** Only the interface's own address may be a packet's source. */
  EGRESS_SOURCE_CHECK,
  /** Internal zones and private answers are refused by the resolver. */
  EGRESS_RESOLVER,
  /** What runs is ended after the job. */
  END_PROCESSES,
  /** Files are those of this job alone; without: the earlier job's directories are used again. */
  FRESH_FILES,
  /** What the agent accepts from a runner: sizes, order, counts. */
  CHANNEL_BOUNDS,
  /** What git does with a hostile repository. */
  HARDENED_GIT
}
