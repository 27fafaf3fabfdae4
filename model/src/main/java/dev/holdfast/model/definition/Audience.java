package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * Whom a token is for that shows what a job is, as {@code sts.example.org} or {@code
 * https://vault.example.org/}: whoever checks the token compares it, letter by letter. 1 to 200
 * letters, digits or characters that stand in addresses.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record Audience(String value) implements Comparable<Audience> {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~:/?#@=&%+-]{0,199}");

  public Audience {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not whom a token can be for; use 1 to 200 letters, digits or . _ ~ : / ? # @ ="
              + " & % + -, starting with a letter or digit, as sts.example.org");
    }
  }

  @Override
  public int compareTo(Audience other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
