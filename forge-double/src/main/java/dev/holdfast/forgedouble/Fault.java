package dev.holdfast.forgedouble;

/** How a forge can fail. */
public enum Fault {
  /** Answers 500. */
  BROKEN,
  /** Answers 429, to be asked again in a second. */
  BUSY,
  /** Does not answer until the caller gives up. */
  SILENT,
  /** Begins an answer and breaks off. */
  HALF,
  /** Does what it was asked for, and breaks off instead of saying so. */
  LOST,
  /** Answers with another account or repository than was asked for. */
  ANOTHER
}
