package dev.holdfast.model.decision;

/** What a job may reach over the network, most first. */
public enum Egress {
  /** Whatever is public. */
  PUBLIC,
  /** What policy lists. */
  LISTED,
  NONE;

  boolean within(Egress most) {
    return compareTo(most) >= 0;
  }

  /** The less of the two. */
  Egress and(Egress other) {
    return within(other) ? this : other;
  }
}
