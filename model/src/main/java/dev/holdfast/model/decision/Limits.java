package dev.holdfast.model.decision;

/**
 * The most that jobs of a run get, whatever their definition asks for.
 *
 * @param egress the most they reach
 */
public record Limits(boolean secrets, boolean cacheWrites, Egress egress) {
  /** What the definition asks for. */
  public static final Limits NONE = new Limits(true, true, Egress.PUBLIC);

  /** For code that nobody has looked at. */
  public static final Limits RESTRICTED = new Limits(false, false, Egress.LISTED);

  boolean within(Limits most) {
    return (most.secrets || !secrets)
        && (most.cacheWrites || !cacheWrites)
        && egress.within(most.egress);
  }
}
