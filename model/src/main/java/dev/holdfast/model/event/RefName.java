package dev.holdfast.model.event;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The name of a branch or tag without {@code refs/heads/} or {@code refs/tags/}, by git's own rules
 * and at most 255 characters. It is hostile text all the same: {@code $(reboot)} and {@code
 * --upload-pack=x} are good names. Give it to git only as {@code refs/…}, to a shell never.
 *
 * @throws IllegalArgumentException if git would not have such a name
 */
public record RefName(String value) {
  private static final Pattern REFUSED =
      Pattern.compile(
          "[\\x00-\\x20\\x7f~^:?*\\[\\\\]|\\.\\.|@\\{|//|(^|/)\\.|\\.(lock)?(/|$)|^/|/$|^@$");

  public RefName {
    if (value.isEmpty() || value.length() > 255 || REFUSED.matcher(value).find()) {
      throw new IllegalArgumentException(Quote.of(value) + " is not the name of a branch or tag");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
