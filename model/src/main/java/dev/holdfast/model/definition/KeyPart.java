package dev.holdfast.model.definition;

import java.util.List;

/** A part of a cache's key. Data, never a text that something is spliced into. */
public sealed interface KeyPart {
  /** Stands for itself. */
  record Text(String text) implements KeyPart {
    private static final int LONGEST = 100;

    public Text {
      Texts.line("part of a cache's key", text);
      if (text.length() > LONGEST) {
        throw new IllegalArgumentException(
            "a part of a cache's key is longer than " + LONGEST + " characters; shorten it");
      }
    }
  }

  /**
   * A hash over the names and bytes of the files in the workspace that these patterns allow, made
   * in the sandbox before the first step.
   *
   * @param files as in {@link Glob#allows}, over paths below the workspace
   */
  record Files(List<String> files) implements KeyPart {
    public Files {
      if (files.isEmpty()) {
        throw new IllegalArgumentException(
            "a cache's key hashes no files; give a pattern, as \"**/pom.xml\"");
      }
      Glob.check(files);
    }
  }

  /** The job's own value of an axis of its matrix. */
  record Matrix(Name matrix) implements KeyPart {}
}
