package dev.holdfast.model.trust;

import java.util.List;
import java.util.stream.Stream;

/**
 * How far somebody is trusted, and why.
 *
 * @param reasons one line each, for people; at least one
 */
public record Standing(Trust trust, List<String> reasons) {
  public Standing {
    reasons = List.copyOf(reasons);
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("a standing without a reason explains nothing");
    }
  }

  Standing(Trust trust, String reason) {
    this(trust, List.of(reason));
  }

  /**
   * The standing of two people who both had a hand in something: the lesser one's. A maintainer who
   * labels a stranger's pull request lends it nothing.
   */
  public Standing and(Standing other) {
    if (trust == other.trust) {
      return new Standing(
          trust, Stream.concat(reasons.stream(), other.reasons.stream()).distinct().toList());
    }
    return trust.compareTo(other.trust) < 0 ? this : other;
  }
}
