package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.Map;
import java.util.regex.Pattern;

/** The rule for environment variables that an author sets. */
public final class Env {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,199}");
  private static final int LONGEST_VALUE = 32 * 1024;
  private static final int LONGEST_TOGETHER = 64 * 1024;
  private static final int MOST = 200;

  private Env() {}

  /**
   * The same variables, in their order.
   *
   * @throws IllegalArgumentException for a name or value that is none, or too many of them
   */
  public static Map<String, String> checked(Map<String, String> env) {
    Texts.count("environment variables in one place", env.size(), MOST);
    if (env.values().stream().mapToLong(String::length).sum() > LONGEST_TOGETHER) {
      throw new IllegalArgumentException("the environment variables are together over 64 KiB");
    }
    env.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            Quote.of(name) + " is not the name of an environment variable");
      }
      if (name.startsWith("HOLDFAST_")) {
        throw new IllegalArgumentException(
            name + " cannot be set: names that start with HOLDFAST_ are Holdfast's own");
      }
      if (value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            name + " has a value that is longer than 32 KiB or holds a NUL character");
      }
    });
    return java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(env));
  }
}
