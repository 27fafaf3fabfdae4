package dev.holdfast.model.secret;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The name of a secret: 1 to 100 capital letters, digits or underscores, starting with a letter, so
 * that it can be the name of an environment variable in every shell. Not one of Holdfast's own.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record SecretName(String value) implements Comparable<SecretName> {
  private static final Pattern FORM = Pattern.compile("[A-Z][A-Z0-9_]{0,99}");
  private static final String OURS = "HOLDFAST_";

  public SecretName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not the name of a secret; use 1 to 100 capital letters, digits or '_', starting"
              + " with a letter, as NPM_TOKEN");
    }
    if (value.startsWith(OURS)) {
      throw new IllegalArgumentException(
          value + " cannot be a secret: names that start with " + OURS + " are Holdfast's own");
    }
  }

  @Override
  public int compareTo(SecretName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
