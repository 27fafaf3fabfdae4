package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.List;
import java.util.regex.Pattern;

/** Rules for free text in definitions. */
final class Texts {
  private static final int LONGEST_LINE = 200;

  /** Control characters, line separators, and what turns the direction of a line. */
  private static final Pattern UNFIT =
      Pattern.compile(
          "[\\p{Cntrl}\\p{Zl}\\p{Zp}\\p{Cs}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]");

  private static final Pattern IMAGE =
      Pattern.compile(
          "[a-z0-9][a-z0-9._-]*(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?");

  private Texts() {}

  static String line(String what, String text) {
    if (text.isBlank() || text.length() > LONGEST_LINE || UNFIT.matcher(text).find()) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " "
              + Quote.of(text)
              + " is empty, longer than 200 characters, or holds control or direction characters");
    }
    return text;
  }

  /** A reference to a container image: no option, no path, no URL. */
  static String image(String reference) {
    if (reference.length() > 255 || !IMAGE.matcher(reference).matches()) {
      throw new IllegalArgumentException(
          "the image "
              + Quote.of(reference)
              + " is not a reference such as debian:12 or"
              + " registry.example/team/tool:1@sha256:…");
    }
    return reference;
  }

  /** A list no longer than any sensible one. */
  static void count(String what, int count, int most) {
    if (count > most) {
      throw new IllegalArgumentException(
          "there are " + count + " " + what + "; the most is " + most);
    }
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

  /**
   * A path of files that are kept: relative, without a dot folder's tricks, below the workspace.
   *
   * @param home whether it may begin with {@code ~/}, for the job's home
   */
  static String kept(String path, boolean home) {
    String below = home && path.startsWith("~/") ? path.substring(2) : path;
    boolean unfit =
        below.isBlank()
            || below.startsWith("~")
            || path.length() > 500
            || UNFIT.matcher(path).find()
            || List.of(below.split("/", -1)).stream()
                .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (unfit) {
      throw new IllegalArgumentException(
          "the path "
              + Quote.of(path)
              + " is not one below the workspace"
              + (home ? " or, as ~/.m2, below the job's home" : "")
              + "; write it without a slash at either end, '.', '..' or control characters");
    }
    return path;
  }
}
