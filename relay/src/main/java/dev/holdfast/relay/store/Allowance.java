package dev.holdfast.relay.store;

import dev.holdfast.model.wire.relay.RelayApi.Standing;
import java.time.Duration;

/**
 * What is kept for one tenant, at most. When it is full, what is new is refused, and what is oldest
 * stays: a forge tries again, and a tenant loses nothing that was taken.
 *
 * @param deliveries that wait
 * @param bytes of them, sealed
 * @param age after which one is dropped
 * @param lease how long a puller has what it took to itself without pulling again
 */
public record Allowance(long deliveries, long bytes, Duration age, Duration lease) {
  public static final Allowance DEFAULT =
      new Allowance(10_000, 512L * 1024 * 1024, Duration.ofDays(7), Duration.ofSeconds(30));

  public Allowance {
    if (deliveries < 1 || bytes < 1 || !age.isPositive() || !lease.isPositive()) {
      throw new IllegalArgumentException("what is kept for a tenant has to be more than nothing");
    }
  }

  /** Whether one more of {@code length} has room. */
  public boolean roomFor(long length, Standing now) {
    return now.waiting() < deliveries && now.bytes() + length <= bytes;
  }
}
