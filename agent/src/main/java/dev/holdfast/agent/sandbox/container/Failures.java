package dev.holdfast.agent.sandbox.container;

/** The engine's errors, as one line. */
final class Failures {
  private Failures() {}

  static String line(Throwable e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    Throwable cause = e.getCause();
    if (cause != null && cause.getMessage() != null && !message.contains(cause.getMessage())) {
      message += ": " + cause.getMessage();
    }
    String clean = message.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    return clean.length() <= 400 ? clean : clean.substring(0, 400) + "…";
  }
}
