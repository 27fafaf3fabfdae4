package dev.holdfast.orchestrator.definition;

/** Ends the reading of one file; the message is one line. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int line;

  Refused(int line, String message) {
    super(message, null, false, false);
    this.line = line;
  }

  /** Counted from 1; 0 if it is the whole file. */
  int line() {
    return line;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
