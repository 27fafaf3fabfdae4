package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.List;

/** Rules for free text in definitions. */
final class Texts {
  private static final int LONGEST_LINE = 200;

  private Texts() {}

  static String line(String what, String text) {
    if (text.isBlank()
        || text.length() > LONGEST_LINE
        || text.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " "
              + Quote.of(text)
              + " is empty, longer than 200 characters, or holds control characters");
    }
    return text;
  }

  /** A relative path that stays below the workspace. */
  static String directory(String path) {
    boolean leaves =
        path.isBlank()
            || path.startsWith("/")
            || path.indexOf('\0') >= 0
            || List.of(path.split("/", -1)).contains("..");
    if (leaves || path.length() > 1000) {
      throw new IllegalArgumentException(
          "the directory " + Quote.of(path) + " is not a path below the workspace");
    }
    return path;
  }
}
