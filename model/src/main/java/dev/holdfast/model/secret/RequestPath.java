package dev.holdfast.model.secret;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells paths that mean one thing to everybody from those that servers read in two ways. Nothing is
 * put right: what would have to be is refused.
 */
final class RequestPath {
  private static final int MOST = 8000;
  private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})?");
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9._~!$&'()*+,;=:@/%-]*(\\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?");

  private RequestPath() {}

  /** What is wrong with a path and its query; empty if nothing is. */
  static Optional<String> problem(String target) {
    if (target.length() > MOST) {
      return Optional.of("the path has over " + MOST + " characters");
    }
    if (!FORM.matcher(target).matches()) {
      return Optional.of("the path has characters that stand in no path as they are");
    }
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    Matcher escapes = ESCAPE.matcher(target);
    while (escapes.find()) {
      if (escapes.group(1) == null) {
        return Optional.of("the path has a '%' that escapes nothing");
      }
      int character = Integer.parseInt(escapes.group(1), 16);
      if (escapes.start() < path.length() && tricky(character)) {
        return Optional.of(
            "the path has " + escapes.group() + ", which some servers read as another path");
      }
      if (character < 0x20 || character == 0x7f) {
        return Optional.of("the query has a control character");
      }
    }
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      // Some servers cut parameters off before they look at what is left.
      String name = segments[i].split(";", 2)[0];
      if (name.equals(".") || name.equals("..")) {
        return Optional.of("the path has a segment of dots");
      }
      if (segments[i].isEmpty() ? i < segments.length - 1 : name.isEmpty()) {
        return Optional.of("the path has an empty segment");
      }
    }
    return Optional.empty();
  }

  /** A slash, a backslash, a dot, a percent sign, a parameter's beginning, or a control. */
  private static boolean tricky(int character) {
    return character < 0x20
        || character == 0x7f
        || character == '/'
        || character == '\\'
        || character == '.'
        || character == '%'
        || character == ';'
        || character == '?'
        || character == '#';
  }
}
