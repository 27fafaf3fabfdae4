package dev.holdfast.model.json;

/** Quotes what others wrote, so that an error stays one short, harmless line. */
public final class Quote {
  /** Longer than any sensible name; shorter than a terminal is wide. */
  private static final int LONGEST = 60;

  private Quote() {}

  /** {@code text} in quotes, cut to 60 characters, control and direction characters replaced. */
  public static String of(String text) {
    return of(text, LONGEST);
  }

  /**
   * {@code text} as one harmless line of at most {@code longest} characters: what would move a
   * terminal's cursor or turn its direction is replaced.
   */
  public static String line(String text, int longest) {
    String quoted = of(text, longest);
    return quoted.substring(1, quoted.length() - 1);
  }

  /** As {@link #of(String)}, cut to {@code longest} characters. */
  public static String of(String text, int longest) {
    String cut = text.length() <= longest ? text : text.substring(0, longest) + "…";
    return '"' + cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?") + '"';
  }
}
