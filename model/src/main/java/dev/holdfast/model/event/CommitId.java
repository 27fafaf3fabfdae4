package dev.holdfast.model.event;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The full hash of a commit, SHA-1 or SHA-256, in lower case.
 *
 * @throws IllegalArgumentException if {@code value} is not one, or is all zeros (git's "nothing")
 */
public record CommitId(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern NOTHING = Pattern.compile("0*");

  public CommitId {
    if (!FORM.matcher(value).matches() || NOTHING.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value) + " is not a commit; expected 40 or 64 hex digits");
    }
  }

  /** Its first seven digits, for people. */
  public String abbreviated() {
    return value.substring(0, 7);
  }

  @Override
  public String toString() {
    return value;
  }
}
