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

  /** As {@link #of(String)}, cut to {@code longest} characters. */
  public static String of(String text, int longest) {
    String cut = text.length() <= longest ? text : text.substring(0, longest) + "…";
    return '"' + cut.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?") + '"';
  }
}
