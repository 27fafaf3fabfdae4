package dev.holdfast.agent.sandbox;

/**
 * The most that a sandbox may use.
 *
 * @param memory bytes, swap included
 * @param cpus in thousandths of one
 * @param pids processes and threads
 * @param scratch bytes of each private in-memory directory, as {@code /tmp}
 */
public record Limits(long memory, int cpus, int pids, long scratch) {
  private static final long MIB = 1024 * 1024;

  public Limits {
    if (memory < 64 * MIB || cpus < 10 || pids < 64 || scratch < MIB) {
      throw new IllegalArgumentException(
          "the limits are too small for the runner; it needs at least 64 MiB of memory, 0.01 cpus, 64"
              + " processes and 1 MiB of scratch");
    }
  }

  /** Enough for an ordinary build on an ordinary host. */
  public static Limits standard() {
    return new Limits(4096 * MIB, 2000, 4096, 1024 * MIB);
  }
}
