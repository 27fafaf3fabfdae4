package dev.holdfast.model.approval;

import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a document, as {@code sha256:} and 64 hex digits.
 *
 * @throws IllegalArgumentException if {@code value} is not one
 */
public record Digest(String value) {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

  public Digest {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          Quote.of(value) + " is not a digest; expected sha256: and 64 hex digits");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
