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

  /**
   * What a job has left beside this many services: all where there are none, else half of memory,
   * cpus and processes, so that the job and its services together have what a job alone may have.
   *
   * @throws IllegalArgumentException if that is too little
   */
  public Limits beside(int services) {
    return services == 0 ? this : shared(2);
  }

  /**
   * What each of this many services has: an even part of the other half.
   *
   * @throws IllegalArgumentException if that is too little
   */
  public Limits ofEach(int services) {
    return shared(2 * services);
  }

  private Limits shared(int parts) {
    return new Limits(memory / parts, cpus / parts, pids / parts, scratch, disk);
  }

  /** Enough for an ordinary build on an ordinary host. */
  public static Limits standard() {
    return new Limits(4096 * MIB, 2000, 4096, 1024 * MIB);
  }
}
