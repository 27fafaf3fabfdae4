package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.json.Quote;

/**
 * Something wrong with a definition, at a place that an editor can open.
 *
 * @param file from the root of the repository
 * @param line counted from 1; 0 where it is not known
 * @param message one line: what is wrong, and the mend
 */
public record DefinitionError(String file, int line, String message) {
  /** Leaves room for file and line in 500 characters. */
  private static final int LONGEST = 350;

  public DefinitionError {
    file = harmless(file);
    message = harmless(message);
  }

  /** An error of a file in {@code .holdfast/}, whose name others chose. */
  static DefinitionError of(String name, int line, String message) {
    boolean plain = name.matches("[A-Za-z0-9._-]{1,100}");
    return new DefinitionError(".holdfast/" + (plain ? name : Quote.of(name)), line, message);
  }

  private static String harmless(String text) {
    String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }

  /** {@code file:line: message}, the form that editors and terminals make links of. */
  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + ": " + message;
  }
}
