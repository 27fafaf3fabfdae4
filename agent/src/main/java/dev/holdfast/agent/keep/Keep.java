package dev.holdfast.agent.keep;

/**
 * How much an agent keeps for later jobs, in bytes; what goes beyond is forgotten, the least
 * recently used first.
 *
 * @param mirrors of repositories
 * @param classes of workflows
 * @param images that the agent itself brought to its engine, each as large as the engine says, so
 *     that what several share counts for each
 */
public record Keep(long mirrors, long classes, long images) {
  private static final long GIB = 1L << 30;

  public Keep {
    if (mirrors < 0 || classes < 0 || images < 0) {
      throw new IllegalArgumentException("a size is below 0");
    }
  }

  public static Keep standard() {
    return new Keep(20 * GIB, GIB, 40 * GIB);
  }
}
