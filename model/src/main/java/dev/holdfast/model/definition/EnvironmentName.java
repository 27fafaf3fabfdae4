package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The name of an environment, as {@code production} or {@code review/feature-1}: parts of letters,
 * digits, dots, dashes or underscores, each starting with a letter or digit, divided by single
 * slashes; at most 200 characters. Such a name is safe in a terminal and, as a relative path, below
 * a folder. Two names are the same if all their characters are.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record EnvironmentName(String value) implements Comparable<EnvironmentName> {
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  private static final int LONGEST = 200;

  public EnvironmentName {
    if (!isOne(value)) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not the name of an environment; use letters, digits, '.', '-' or '_' in parts"
              + " divided by '/', each starting with a letter or digit, as production or"
              + " review/feature-1");
    }
  }

  static boolean isOne(String value) {
    return value.length() <= LONGEST && FORM.matcher(value).matches();
  }

  @Override
  public int compareTo(EnvironmentName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
