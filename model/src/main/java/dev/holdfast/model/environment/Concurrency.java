package dev.holdfast.model.environment;

/**
 * What becomes of a job whose environment another one is in. Of two, the later is the stricter: it
 * lets less happen because something newer came.
 */
public enum Concurrency {
  /** Both run. */
  TOGETHER,
  /** The older one is stopped, and what waits before it is cancelled. */
  CANCEL,
  /** The older one runs to its end, and what waits before it is cancelled. */
  NEWEST,
  /** They run one after the other, in the order in which they came. */
  QUEUE
}
