package dev.holdfast.orchestrator.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When one of the issuer's keys does what. A key is published before it signs, so that whoever
 * keeps our keys for a while knows it by then, and for as long after it was replaced.
 *
 * @param id as tokens name it
 * @param from when it signs
 */
record IssuerKey(String id, Instant from) {
  /** Longer than verifiers keep what they fetched: a day is what the large clouds do at most. */
  static final Duration PUBLISHED_AROUND = Duration.ofDays(1);

  /** How long one signs. */
  static final Duration SIGNS = Duration.ofDays(30);

  /** Which of {@code keys} signs at {@code now}: the newest that may. */
  static Optional<IssuerKey> signing(List<IssuerKey> keys, Instant now) {
    return keys.stream()
        .filter(key -> !key.from().isAfter(now))
        .max(Comparator.comparing(IssuerKey::from).thenComparing(IssuerKey::id));
  }

  /** When the next one has to sign, if it has to be made now; it is to be published from now on. */
  static Optional<Instant> next(List<IssuerKey> keys, Instant now) {
    Optional<IssuerKey> newest =
        keys.stream().max(Comparator.comparing(IssuerKey::from).thenComparing(IssuerKey::id));
    if (newest.isEmpty()) {
      return Optional.of(now);
    }
    Instant due = newest.get().from().plus(SIGNS);
    if (now.isBefore(due.minus(PUBLISHED_AROUND))) {
      return Optional.empty();
    }
    // Where nobody looked for long it is published for its time all the same.
    Instant soonest = now.plus(PUBLISHED_AROUND);
    return Optional.of(due.isBefore(soonest) ? soonest : due);
  }

  /** Those that no token can be by any more. */
  static List<IssuerKey> over(List<IssuerKey> keys, Instant now) {
    Optional<IssuerKey> signing = signing(keys, now);
    return signing.isEmpty() || now.isBefore(signing.get().from().plus(PUBLISHED_AROUND))
        ? List.of()
        : keys.stream().filter(key -> key.from().isBefore(signing.get().from())).toList();
  }
}
