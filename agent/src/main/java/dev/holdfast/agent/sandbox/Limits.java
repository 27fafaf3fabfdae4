package dev.holdfast.agent.sandbox;

/**
 * The most that a sandbox may use.
 *
 * @param memory bytes, swap included
 * @param cpus in thousandths of one
 * @param pids processes and threads
 * @param scratch bytes of each private in-memory directory, as {@code /tmp}
 * @param disk bytes of the workspace, which also bounds how many files are in it
 */
public record Limits(long memory, int cpus, int pids, long scratch, long disk) {
  private static final long MIB = 1024 * 1024;

  public Limits {
    if (memory < 64 * MIB || cpus < 10 || pids < 64 || scratch < MIB || disk < 16 * MIB) {
      throw new IllegalArgumentException(
          "the limits are too small for the runner; it needs at least 64 MiB of memory, 0.01 cpus, 64"
              + " processes, 1 MiB of scratch and 16 MiB of disk");
    }
  }

  /** With as much disk as an ordinary build wants. */
  public Limits(long memory, int cpus, int pids, long scratch) {
    this(memory, cpus, pids, scratch, 20 * 1024 * MIB);
  }

  /** Enough for an ordinary build on an ordinary host. */
  public static Limits standard() {
    return new Limits(4096 * MIB, 2000, 4096, 1024 * MIB);
  }
}
