package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.event.CommitId;
import java.util.List;

/**
 * How two commits differ, for people.
 *
 * @param definitions in what they define
 * @param files in which files
 */
record Comparison(CommitId from, CommitId to, Part definitions, Part files) {
  /** One of the ways in which they may differ. */
  sealed interface Part {
    /**
     * @param lines at most {@link #MOST}
     * @param all how many there are
     */
    record Told(List<String> lines, int all) implements Part {
      public Told {
        lines = List.copyOf(lines);
      }

      static Told of(List<String> all) {
        return new Told(all.subList(0, Math.min(MOST, all.size())), all.size());
      }

      int more() {
        return all - lines.size();
      }
    }

    /** It cannot be told, and why. That is not the same as no difference. */
    record Untold(String why) implements Part {}
  }

  /** As many as somebody goes through on a page. */
  static final int MOST = 400;

  static Comparison untold(CommitId from, CommitId to, String why) {
    return new Comparison(from, to, new Part.Untold(why), new Part.Untold(why));
  }

  boolean whole() {
    return definitions instanceof Part.Told && files instanceof Part.Told;
  }
}
