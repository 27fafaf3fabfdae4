package dev.holdfast.model.definition;

/**
 * How much stands between a job and the host that runs it, weakest first. The order is by what an
 * attacker must find a hole in: with namespaces, the kernel and the host's own programs, which the
 * job sees; in a container, the kernel alone, behind an engine's filter and limits; in a microVM, a
 * hypervisor as well. An agent may always take a job that asks for less than it has, never one that
 * asks for more.
 */
public enum Tier {
  /** A process of the host. No wall at all. */
  NONE,
  NAMESPACES,
  CONTAINER,
  MICROVM;

  /** Whether this is as strong as {@code wanted}, or stronger. */
  public boolean holds(Tier wanted) {
    return compareTo(wanted) >= 0;
  }

  /** The stronger of the two. */
  public Tier or(Tier other) {
    return holds(other) ? this : other;
  }

  /** As people write it. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
