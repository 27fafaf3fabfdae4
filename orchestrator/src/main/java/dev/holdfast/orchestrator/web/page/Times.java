package dev.holdfast.orchestrator.web.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times and spans as pages write them. */
final class Times {
  private static final DateTimeFormatter WHOLE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private Times() {}

  /** {@code 3 m 07 s}. */
  static String span(Duration span) {
    Duration positive = span.isNegative() ? Duration.ZERO : span;
    long seconds = positive.toSeconds();
    if (seconds < 1) {
      return positive.toMillis() + " ms";
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " m " + two(seconds % 60) + " s";
    }
    if (seconds < 24 * 3600) {
      return seconds / 3600 + " h " + two(seconds / 60 % 60) + " m";
    }
    return seconds / 86400 + " d " + two(seconds / 3600 % 24) + " h";
  }

  private static String two(long number) {
    return (number < 10 ? "0" : "") + number;
  }

  /** {@code 3 min ago}, or the day where that is long ago. */
  static String ago(Instant at, Instant now) {
    long seconds = Math.max(0, Duration.between(at, now).toSeconds());
    if (seconds < 10) {
      return "just now";
    }
    if (seconds < 60) {
      return seconds + " s ago";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min ago";
    }
    if (seconds < 24 * 3600) {
      return seconds / 3600 + " h ago";
    }
    if (seconds < 7 * 86400) {
      return seconds / 86400 + " d ago";
    }
    return DAY.format(at);
  }

  /** To the second. */
  static String whole(Instant at) {
    return WHOLE.format(at);
  }
}
