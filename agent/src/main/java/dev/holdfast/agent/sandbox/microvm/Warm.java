package dev.holdfast.agent.sandbox.microvm;

/**
 * What of machines is made before a job wants one.
 *
 * @param snapshots whether machines start from a kept one, so that a kernel boots once for many
 * @param pool how many machines of a kind wait for jobs
 * @param poolMemory bytes that all of those may have together
 */
public record Warm(boolean snapshots, int pool, long poolMemory) {
  private static final long GIB = 1024L * 1024 * 1024;
  static final int MOST = 100;

  public Warm {
    if (pool < 0 || pool > MOST || poolMemory < 0) {
      throw new IllegalArgumentException("0 to " + MOST + " machines can wait, not " + pool);
    }
    if (pool > 0 && !snapshots) {
      throw new IllegalArgumentException(
          "machines that wait start from snapshots, which are off; say `snapshots: use`");
    }
  }

  /** Machines start from snapshots, and none waits. */
  public static Warm standard() {
    return new Warm(true, 0, 4 * GIB);
  }

  /** Every machine boots its kernel when its job starts. */
  public static Warm none() {
    return new Warm(false, 0, 0);
  }
}
