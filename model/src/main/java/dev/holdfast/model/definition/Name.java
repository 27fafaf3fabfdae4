package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The name of a workflow, a job, a label, an input or an output: 1 to 100 letters, digits, dots,
 * dashes or underscores, starting with a letter or digit. Such a name is safe in a path, a URL, a
 * terminal and a container's name.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record Name(String value) implements Comparable<Name> {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  public Name {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not a name; use 1 to 100 letters, digits, '.', '-' or '_', starting with a"
              + " letter or digit");
    }
  }

  @Override
  public int compareTo(Name other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
