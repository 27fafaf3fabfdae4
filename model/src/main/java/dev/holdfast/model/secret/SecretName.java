package dev.holdfast.model.secret;

import dev.holdfast.model.json.Quote;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By what a step names a secret that it is to be given. One that is kept has 1 to 100 capital
 * letters, digits or underscores, starting with a letter, so that it can be the name of an
 * environment variable in every shell, and not one of Holdfast's own. One that another job of the
 * run puts out is {@code OUTPUT@JOB}, which no kept one can be called.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record SecretName(String value) implements Comparable<SecretName> {
  private static final Pattern FORM = Pattern.compile("[A-Z][A-Z0-9_]{0,99}");
  private static final Pattern OUTPUT =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,99})@([A-Za-z0-9][A-Za-z0-9._-]{0,99})");
  private static final String OURS = "HOLDFAST_";

  /**
   * A secret output of a job.
   *
   * @param name the output's
   * @param job that puts it out
   */
  public record Output(String name, String job) {}

  public SecretName {
    if (!OUTPUT.matcher(value).matches() && !FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not the name of a secret; use 1 to 100 capital letters, digits or '_',"
              + " starting with a letter, as NPM_TOKEN; or OUTPUT@JOB for a secret output of a"
              + " needed job");
    }
    if (value.startsWith(OURS)) {
      throw new IllegalArgumentException(
          value + " cannot be a secret: names that start with " + OURS + " are Holdfast's own");
    }
  }

  /** Whose output it is, where it is one. */
  public Optional<Output> output() {
    var parts = OUTPUT.matcher(value);
    return parts.matches()
        ? Optional.of(new Output(parts.group(1), parts.group(2)))
        : Optional.empty();
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
