package dev.holdfast.cli.terminal;

import java.time.Duration;
import java.time.Instant;

/** Times as people say them. */
public final class Times {
  private Times() {}

  /** As {@code 0.4s}, {@code 12s}, {@code 3m 05s} or {@code 2h 10m}. */
  public static String length(Duration duration) {
    long millis = Math.max(0, duration.toMillis());
    if (millis < 9_950) {
      return String.format(java.util.Locale.ROOT, "%.1fs", millis / 1000.0);
    }
    long seconds = (millis + 500) / 1000;
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return String.format("%dm %02ds", seconds / 60, seconds % 60);
    }
    return String.format("%dh %02dm", seconds / 3600, seconds / 60 % 60);
  }

  /** As {@code now}, {@code 5m ago} or {@code 3d ago}. */
  public static String ago(Instant then, Instant now) {
    long seconds = Duration.between(then, now).toSeconds();
    if (seconds < 5) {
      return "now";
    }
    if (seconds < 60) {
      return seconds + "s ago";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m ago";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h ago";
    }
    return seconds / 86_400 + "d ago";
  }
}
