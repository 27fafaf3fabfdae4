package dev.holdfast.relay.ingress;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What became of posts. Thread-safe. */
public final class Counters {
  /** An outcome; its name in lower case is its label. */
  public enum Outcome {
    KEPT,
    NO_SUCH_SOURCE,
    NOT_A_POST,
    ADDRESS_NOT_ALLOWED,
    ADDRESS_TOO_FAST,
    SOURCE_TOO_FAST,
    TENANT_TOO_MANY_AT_ONCE,
    TOO_LARGE,
    NO_LENGTH,
    FULL,
    STORE_AWAY
  }

  private final Map<Outcome, AtomicLong> counts = new EnumMap<>(Outcome.class);

  public Counters() {
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, new AtomicLong());
    }
  }

  void count(Outcome outcome) {
    of(outcome).incrementAndGet();
  }

  public long get(Outcome outcome) {
    return of(outcome).get();
  }

  private AtomicLong of(Outcome outcome) {
    AtomicLong count = counts.get(outcome);
    if (count == null) {
      throw new IllegalStateException("all outcomes are counted");
    }
    return count;
  }
}
