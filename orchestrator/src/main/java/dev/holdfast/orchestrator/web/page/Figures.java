package dev.holdfast.orchestrator.web.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Small sums over what was measured. */
final class Figures {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private Figures() {}

  /** The middle and the slow end of some spans. */
  record Spread(Duration median, Duration slow, int count) {}

  /** Of spans in ms; empty where there are none. The slow end is what 95 of 100 stay below. */
  static Optional<Spread> spread(List<Long> spans) {
    if (spans.isEmpty()) {
      return Optional.empty();
    }
    long[] sorted = spans.stream().mapToLong(Long::longValue).sorted().toArray();
    return Optional.of(
        new Spread(
            Duration.ofMillis(at(sorted, 50)), Duration.ofMillis(at(sorted, 95)), sorted.length));
  }

  /** The smallest that {@code part} of a hundred are not above. */
  private static long at(long[] sorted, int part) {
    int rank = (int) Math.ceil(sorted.length * part / 100.0);
    return sorted[Math.clamp(rank - 1L, 0, sorted.length - 1)];
  }

  /** {@code 12 %}; one digit more below ten. */
  static String share(long part, long all) {
    if (all == 0) {
      return "none";
    }
    double share = part * 100.0 / all;
    return share > 0 && share < 10
        ? String.format(Locale.ROOT, "%.1f %%", share)
        : Math.round(share) + " %";
  }

  static long sum(long... numbers) {
    return Arrays.stream(numbers).sum();
  }

  static String day(Instant at) {
    return DAY.format(at);
  }
}
