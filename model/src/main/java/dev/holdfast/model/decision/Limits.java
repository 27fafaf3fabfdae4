package dev.holdfast.model.decision;

/**
 * The most that jobs of a run get, whatever their definition asks for.
 *
 * @param egress the most they reach
 * @param root whether one may be root in its sandbox
 */
public record Limits(boolean secrets, boolean cacheWrites, Egress egress, boolean root) {
  /** What the definition asks for. */
  public static final Limits NONE = new Limits(true, true, Egress.PUBLIC, true);

  /** For code that nobody has looked at. */
  public static final Limits RESTRICTED = new Limits(false, false, Egress.LISTED, false);

  boolean within(Limits most) {
    return (most.secrets || !secrets)
        && (most.cacheWrites || !cacheWrites)
        && egress.within(most.egress)
        && (most.root || !root);
  }

  /** No more than either lets happen. */
  public Limits and(Limits other) {
    return new Limits(
        secrets && other.secrets,
        cacheWrites && other.cacheWrites,
        egress.and(other.egress),
        root && other.root);
  }
}
