package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.Optional;

/**
 * A name of an environment, or all names below one, as {@code review/*}. What is kept for a pattern
 * is for every name that it matches; a job that asks for one gets the name that ends in its event's
 * branch. The star is the whole of the last part and stands for one or more parts. There is no
 * other way to a name that is made: names are never put together from texts of an event.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record EnvironmentPattern(String value) implements Comparable<EnvironmentPattern> {
  private static final String ALL_BELOW = "/*";

  public EnvironmentPattern {
    String name =
        value.endsWith(ALL_BELOW) ? value.substring(0, value.length() - ALL_BELOW.length()) : value;
    if (!EnvironmentName.isOne(name)) {
      throw new IllegalArgumentException(
          Quote.of(value)
              + " is not an environment; write its name, as production or review/feature-1, or"
              + " review/* for all below review");
    }
  }

  /** That very name. */
  public static EnvironmentPattern of(EnvironmentName name) {
    return new EnvironmentPattern(name.value());
  }

  /** The one name that it is, if it does not end in a star. */
  public Optional<EnvironmentName> name() {
    return value.endsWith(ALL_BELOW) ? Optional.empty() : Optional.of(new EnvironmentName(value));
  }

  /** Whether {@code name} is this one, or one below it. */
  public boolean matches(EnvironmentName name) {
    return name()
        .map(name::equals)
        .orElseGet(() -> name.value().startsWith(value.substring(0, value.length() - 1)));
  }

  /**
   * The name below this one that ends in {@code branch}, or the one that it is.
   *
   * @throws IllegalArgumentException if there is no such name, since a branch may be called what no
   *     environment is
   */
  public EnvironmentName at(String branch) {
    return name()
        .orElseGet(() -> new EnvironmentName(value.substring(0, value.length() - 1) + branch));
  }

  /** Names before patterns, and longer ones before shorter: what says more comes first. */
  @Override
  public int compareTo(EnvironmentPattern other) {
    int named = Boolean.compare(other.name().isPresent(), name().isPresent());
    int longer = Integer.compare(other.value.length(), value.length());
    return named != 0 ? named : longer != 0 ? longer : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
