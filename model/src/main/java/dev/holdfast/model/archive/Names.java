package dev.holdfast.model.archive;

import dev.holdfast.model.json.Quote;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What things in an archive may be called, and in which order they stand. */
public final class Names {
  /** Bytes of a whole name. */
  static final int LONGEST = 1000;

  private static final int LONGEST_PART = 255;
  private static final int DEEPEST = 100;

  /** What a terminal would obey, or would show the wrong way round. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile(
          "[\\p{Cntrl}\\x{80}-\\x{9f}\\p{Zl}\\p{Zp}\\p{Cs}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]");

  private Names() {}

  /**
   * Refuses what is not a plain relative path.
   *
   * @throws IllegalArgumentException with a sentence that names it
   */
  public static void check(String name) {
    if (unprintable(name)) {
      throw refused(name, "has characters in its name that a terminal obeys; rename it");
    }
    if (name.startsWith("/")) {
      throw refused(name, "has a name that begins with a slash");
    }
    String[] parts = name.split("/", -1);
    for (String part : parts) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(name, "has a name that leads elsewhere");
      }
      if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_PART) {
        throw refused(name, "has a name longer than " + LONGEST_PART + " bytes");
      }
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST || parts.length > DEEPEST) {
      throw refused(
          name, "lies deeper than " + DEEPEST + " folders, or " + LONGEST + " bytes of path");
    }
  }

  static boolean unprintable(String text) {
    return UNPRINTABLE.matcher(text).find();
  }

  /**
   * The order of an archive: a folder, then what it holds, each by its name. In it nothing can come
   * twice, and what lies in a folder follows it at once.
   */
  public static int order(String one, String other) {
    // Below every character that a name can have.
    return one.replace('/', '\0').compareTo(other.replace('/', '\0'));
  }

  private static IllegalArgumentException refused(String name, String why) {
    return new IllegalArgumentException("something named " + Quote.of(name) + " " + why);
  }
}
