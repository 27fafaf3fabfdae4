package dev.holdfast.model.json;

/**
 * Text that is not the JSON, or not the value, that was expected. The message is one line that a
 * person can act on; {@link #path} says where in the document, as {@code jobs[2].needs[0]}, and is
 * empty for the document itself.
 */
public final class MalformedJson extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String reason;

  public MalformedJson(String path, String reason) {
    super(path.isEmpty() ? reason : path + ": " + reason);
    this.path = path;
    this.reason = reason;
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
