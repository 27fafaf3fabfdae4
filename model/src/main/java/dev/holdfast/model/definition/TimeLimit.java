package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How long something may take, as an author writes it: {@code 90s}, {@code 10m} or {@code 2h}; from
 * one second to seven days.
 *
 * @throws IllegalArgumentException if {@code value} is not of this form
 */
public record TimeLimit(String value) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,6})([smh])");
  private static final Duration LONGEST = Duration.ofDays(7);

  public TimeLimit {
    if (!FORM.matcher(value).matches() || toDuration(value).compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          Quote.of(value) + " is not a time limit; write 90s, 10m or 2h, at most 168h");
    }
  }

  public static TimeLimit of(Duration duration) {
    return new TimeLimit(Math.max(1, duration.toSeconds()) + "s");
  }

  public Duration duration() {
    return toDuration(value);
  }

  private static Duration toDuration(String text) {
    long count = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      default -> Duration.ofHours(count);
    };
  }

  @Override
  public String toString() {
    return value;
  }
}
