package dev.holdfast.model.wire;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * Limits that messages of both protocols share, so that one cannot carry what the other refuses.
 */
public final class Bounds {
  /** Characters of one output: outputs are for versions and names, not for files. */
  public static final int LONGEST_OUTPUT = 64 * 1024;

  /** Outputs of one attempt. */
  public static final int MOST_OUTPUTS = 100;

  /** Characters of all outputs of one attempt together. */
  public static final int MOST_OUTPUT_TEXT = 256 * 1024;

  /** Characters of all summaries of one attempt together. */
  public static final int LONGEST_SUMMARY = 256 * 1024;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,79}");

  private Bounds() {}

  public static void output(Name name, String value) {
    if (value.length() > LONGEST_OUTPUT || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the output " + name + " is longer than 64 KiB or holds a NUL character");
    }
  }

  public static void summary(String markdown) {
    if (markdown.length() > LONGEST_SUMMARY) {
      throw new IllegalArgumentException("a summary is longer than 256 KiB");
    }
  }

  /** Refuses what could not be a file name of ours. */
  public static void id(String what, String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(Quote.of(id) + " is not the id of " + what);
    }
  }

  /** Refuses a number outside its range. */
  public static void range(String what, long number, long least, long most) {
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          what + " is " + number + "; expected " + least + " to " + most);
    }
  }
}
