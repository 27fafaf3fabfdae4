package dev.holdfast.sdk;

/** How much stands between a job and the host that runs it, weakest first. */
public enum Tier {
  /** A process of the host. No wall at all. */
  NONE,
  /** Kernel namespaces, on the host's own system. */
  NAMESPACES,
  /** A container of an engine. */
  CONTAINER,
  /** A virtual machine of its own. */
  MICROVM
}
