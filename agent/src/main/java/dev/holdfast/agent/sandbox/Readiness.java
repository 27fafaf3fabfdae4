package dev.holdfast.agent.sandbox;

/** Whether a backend can make sandboxes on this host. */
public sealed interface Readiness {
  /**
   * @param what one line: what answered, and its version
   */
  record Usable(String what) implements Readiness {}

  /**
   * @param why one line
   * @param mend what to do about it, one line
   */
  record Unusable(String why, String mend) implements Readiness {}
}
