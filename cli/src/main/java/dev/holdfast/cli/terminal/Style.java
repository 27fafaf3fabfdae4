package dev.holdfast.cli.terminal;

/**
 * Colours, or none.
 *
 * @param on whether to use any
 */
public record Style(boolean on) {
  public String bold(String text) {
    return sgr("1", text);
  }

  public String dim(String text) {
    return sgr("2", text);
  }

  public String good(String text) {
    return sgr("32", text);
  }

  public String bad(String text) {
    return sgr("31", text);
  }

  public String busy(String text) {
    return sgr("36", text);
  }

  public String weak(String text) {
    return sgr("33", text);
  }

  /** The word for a state of a run, job, attempt, step or event, in its colour. */
  public String state(String state) {
    return switch (state) {
      case "succeeded", "ok", "done", "held", "works" -> good(state);
      case "failed",
          "timed-out",
          "refused",
          "broken",
          "missing",
          "lost",
          "NOT HELD",
          "inconclusive",
          "DOES NOT WORK" ->
          bad(state);
      case "running", "queued" -> busy(state);
      case "cancelled", "skipped", "waiting" -> dim(state);
      case "weak" -> weak(state);
      default -> state;
    };
  }

  private String sgr(String code, String text) {
    return on && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
