package dev.holdfast.model.audit;

/**
 * Something that is not as it was written.
 *
 * @param first number of the first entry that it is about
 * @param last number of the last
 */
public record Finding(Kind kind, long first, long last) {
  /** What was done. */
  public enum Kind {
    /** They do not have the hash that stands beside them. */
    CHANGED,
    /** The hash beside the entry is not its own, while those after it build on its own. */
    HASH_CHANGED,
    /** There are none with these numbers. */
    MISSING,
    /** A number stands there more than once, or after a higher one. */
    OUT_OF_ORDER,
    /** They hang together, but a checkpoint vouches for others. */
    REWRITTEN,
    /** The log ends before entries that a checkpoint vouches for. */
    CUT,
    /** A checkpoint was not signed by the log's key. */
    FORGED_CHECKPOINT,
    /** No checkpoint vouches for any of them. */
    NOTHING_VOUCHES
  }

  /** One line for people. */
  public String text() {
    String which = first == last ? "entry " + first : "entries " + first + " to " + last;
    boolean one = first == last;
    return switch (kind) {
      case CHANGED -> which + (one ? " was changed" : " were changed");
      case HASH_CHANGED -> "the hash beside " + which + " was changed";
      case MISSING -> which + (one ? " is missing" : " are missing");
      case OUT_OF_ORDER -> which + " is out of order";
      case REWRITTEN ->
          which
              + (one ? " was" : " were")
              + " rewritten or put there later: a checkpoint vouches for others";
      case CUT ->
          which
              + (one ? " is" : " are")
              + " missing: the log was cut, or an old copy put in its place";
      case FORGED_CHECKPOINT -> "the checkpoint for " + which + " was not signed by the log's key";
      case NOTHING_VOUCHES ->
          "no checkpoint vouches for " + which + ": checkpoints were lost or removed";
    };
  }
}
