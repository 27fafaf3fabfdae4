package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.List;

/**
 * A pattern for branches, tags and paths: {@code ?} is one character but a slash, {@code *} any
 * number of them, {@code **} any number of any characters, and {@code **} with a slash behind it
 * any number of folders, also none. Everything else stands for itself. Matching takes time in
 * proportion to pattern times text, whatever both hold, so that a hostile pattern costs nothing.
 */
public final class Glob {
  private static final int LONGEST = 500;
  private static final int MOST = 200;
  private static final int LONGEST_TOGETHER = 10_000;

  private Glob() {}

  /**
   * Checks a filter.
   *
   * @throws IllegalArgumentException for an empty or over-long pattern, or too many of them
   */
  public static void check(List<String> filter) {
    if (filter.size() > MOST) {
      throw new IllegalArgumentException("a filter has more than " + MOST + " patterns");
    }
    if (filter.stream().mapToInt(String::length).sum() > LONGEST_TOGETHER) {
      throw new IllegalArgumentException(
          "the patterns of a filter are together longer than " + LONGEST_TOGETHER + " characters");
    }
    for (String pattern : filter) {
      String body = pattern.startsWith("!") ? pattern.substring(1) : pattern;
      if (body.isEmpty()
          || body.length() > LONGEST
          || body.codePoints().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "the filter pattern "
                + Quote.of(pattern)
                + " is empty, longer than 500 characters, or holds control characters");
      }
    }
    if (!filter.isEmpty() && filter.getFirst().startsWith("!")) {
      throw new IllegalArgumentException(
          "the filter starts with "
              + Quote.of(filter.getFirst())
              + ", which takes back nothing; put what it is to take from before it, such as **");
    }
  }

  /** Whether {@code filter} lets {@code text} through: the last pattern that matches decides. */
  public static boolean allows(List<String> filter, String text) {
    boolean allowed = filter.isEmpty();
    for (String pattern : filter) {
      boolean takesBack = pattern.startsWith("!");
      if (allowed == takesBack && matches(takesBack ? pattern.substring(1) : pattern, text)) {
        allowed = !takesBack;
      }
    }
    return allowed;
  }

  /** Whether the whole of {@code text} matches {@code pattern}. */
  public static boolean matches(String pattern, String text) {
    // A set of positions in the text is carried through the pattern, so there is no backtracking.
    boolean[] at = new boolean[text.length() + 1];
    at[0] = true;
    int p = 0;
    while (p < pattern.length()) {
      char c = pattern.charAt(p);
      if (c == '*' && p + 1 < pattern.length() && pattern.charAt(p + 1) == '*') {
        p += 2;
        boolean slash = p < pattern.length() && pattern.charAt(p) == '/';
        if (slash) {
          p++;
        }
        at = slash ? afterFolders(at, text) : afterAnything(at, text, true);
      } else {
        at = c == '*' ? afterAnything(at, text, false) : afterOne(at, text, c);
        p++;
      }
    }
    return at[text.length()];
  }

  private static boolean[] afterOne(boolean[] at, String text, char c) {
    boolean[] next = new boolean[at.length];
    for (int i = 0; i < text.length(); i++) {
      char t = text.charAt(i);
      next[i + 1] = at[i] && (c == '?' ? t != '/' : c == t);
    }
    return next;
  }

  private static boolean[] afterAnything(boolean[] at, String text, boolean slashes) {
    boolean[] next = at.clone();
    for (int i = 0; i < text.length(); i++) {
      next[i + 1] |= next[i] && (slashes || text.charAt(i) != '/');
    }
    return next;
  }

  /** Where it was, or behind any later slash. */
  private static boolean[] afterFolders(boolean[] at, String text) {
    boolean[] next = at.clone();
    boolean reached = false;
    for (int i = 0; i < text.length(); i++) {
      reached |= at[i];
      next[i + 1] |= reached && text.charAt(i) == '/';
    }
    return next;
  }
}
