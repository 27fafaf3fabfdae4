package dev.holdfast.cli.doctor;

/**
 * What was found about one thing.
 *
 * @param subject one or two words; never changes, for scripts
 * @param says one line: what is there
 * @param mend one line: what to do; empty if all is well
 */
public record Finding(String subject, Grade grade, String says, String mend) {
  /** How good it is. */
  public enum Grade {
    OK("ok"),
    /** Works, with less safety or speed than it could. */
    WEAK("weak"),
    MISSING("missing");

    private final String word;

    Grade(String word) {
      this.word = word;
    }

    /** For people and scripts. */
    public String word() {
      return word;
    }
  }

  static Finding ok(String subject, String says) {
    return new Finding(subject, Grade.OK, says, "");
  }

  static Finding weak(String subject, String says, String mend) {
    return new Finding(subject, Grade.WEAK, says, mend);
  }

  static Finding missing(String subject, String says, String mend) {
    return new Finding(subject, Grade.MISSING, says, mend);
  }

  boolean usable() {
    return grade != Grade.MISSING;
  }
}
