package dev.holdfast.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long each time, between half and all of it by
 * chance, so that the agents of a server that comes back do not all come at once. Not thread-safe.
 */
public final class Backoff {
  private static final long FIRST_MILLIS = 50;

  private final long most;
  private final RandomGenerator random;
  private long next = FIRST_MILLIS;

  public Backoff(Duration most, RandomGenerator random) {
    this.most = most.toMillis();
    this.random = random;
  }

  /** The next wait, in milliseconds. */
  public long nextMillis() {
    long now = next;
    next = Math.min(most, next * 2);
    return now / 2 + random.nextLong(now / 2 + 1);
  }

  /** It worked: the next failure is the first again. */
  public void reset() {
    next = FIRST_MILLIS;
  }
}
