package dev.holdfast.model.json;

/**
 * Text that is not the JSON, or not the value, that was expected. The message is one line that a
 * person can act on; {@link #path} says where in the document, as {@code jobs[2].needs[0]}, and is
 * empty for the document itself.
 */
public final class MalformedJson extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Room for a path and a sentence; a hostile document does not get to fill a screen. */
  private static final int LONGEST = 600;

  private final String path;
  private final String reason;

  public MalformedJson(String path, String reason) {
    super(Quote.line(path.isEmpty() ? reason : path + ": " + reason, LONGEST));
    this.path = Quote.line(path, LONGEST);
    this.reason = Quote.line(reason, LONGEST);
  }

  /** Where in the document, or empty for the whole of it. */
  public String path() {
    return path;
  }

  /** What is wrong there, without the path. */
  public String reason() {
    return reason;
  }
}
