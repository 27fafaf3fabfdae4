package dev.holdfast.relay.ingress;

import java.util.HashMap;
import java.util.Map;

/**
 * The memory that bodies may take while they are read and sealed, and how many deliveries of one
 * tenant may be under way: one that sends a lot has its share, and the others have theirs.
 * Thread-safe.
 */
final class Budget {
  /** A body, the text that is sealed, what comes out, and what the cipher needs. */
  private static final int COPIES = 4;

  private final long bytes;
  private final int mostOfOne;
  private final Map<String, Use> uses = new HashMap<>();
  private long used;

  private record Use(int count, long bytes) {}

  /**
   * @param bytes for all
   * @param mostOfOne deliveries of one tenant at a time
   */
  Budget(long bytes, int mostOfOne) {
    this.bytes = bytes;
    this.mostOfOne = mostOfOne;
  }

  /** Whether a body of {@code length} of this tenant can be read now; then it has to be freed. */
  synchronized boolean take(String tenant, long length) {
    long needs = length * COPIES;
    Use use = uses.getOrDefault(tenant, new Use(0, 0));
    // A quarter is one tenant's; a single large one may come to more, if it is alone.
    boolean fair = use.count() == 0 || use.bytes() + needs <= bytes / 4;
    if (use.count() >= mostOfOne || !fair || used + needs > bytes) {
      return false;
    }
    uses.put(tenant, new Use(use.count() + 1, use.bytes() + needs));
    used += needs;
    return true;
  }

  synchronized void free(String tenant, long length) {
    long needs = length * COPIES;
    used -= needs;
    uses.computeIfPresent(
        tenant,
        (t, use) -> use.count() == 1 ? null : new Use(use.count() - 1, use.bytes() - needs));
  }

  synchronized long used() {
    return used;
  }
}
