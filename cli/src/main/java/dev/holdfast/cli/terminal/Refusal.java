package dev.holdfast.cli.terminal;

import java.util.List;

/**
 * A command cannot do what it was asked. Its message is shown as it is: one line that names the
 * thing, the place and the mend. Hostile text in it must have gone through {@link Plain} or {@link
 * dev.holdfast.model.json.Quote}.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ExitCode code;
  private final transient List<String> details;

  public Refusal(ExitCode code, String message) {
    this(code, message, List.of());
  }

  /** With {@code details} to be shown above the message, one to a line. */
  public Refusal(ExitCode code, String message, List<String> details) {
    super(message);
    this.code = code;
    this.details = List.copyOf(details);
  }

  public Refusal(ExitCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.details = List.of();
  }

  public ExitCode code() {
    return code;
  }

  public List<String> details() {
    return details;
  }
}
