package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked of code from people who are not trusted. Kept in Holdfast, never in the repository
 * that it judges.
 *
 * @param holdKnown whether known contributors wait as well
 * @param atOnce the tier in which pull requests that would wait for being from a fork or from
 *     somebody unknown run at once, restricted; where empty, they wait
 * @param floor the weakest wall for whatever is not trusted, released or not
 * @param approval who releases
 * @param holdFor after this a hold expires
 * @param mayLoosen in what a narrower policy may be less strict than this one
 */
public record Policy(
    boolean holdKnown,
    Optional<Tier> atOnce,
    Tier floor,
    Release.Approval approval,
    Duration holdFor,
    Set<Aspect> mayLoosen) {

  private static final Duration LONGEST = Duration.ofDays(30);

  /** What a policy says something about. */
  public enum Aspect {
    HOLD_KNOWN,
    AT_ONCE,
    FLOOR,
    APPROVAL,
    HOLD_FOR,
    MAY_LOOSEN
  }

  /** Where nobody said anything: forks and strangers wait three days for one other person. */
  public static final Policy DEFAULT =
      new Policy(
          false,
          Optional.empty(),
          Tier.CONTAINER,
          new Release.Approval(1, false),
          Duration.ofDays(3),
          Set.of());

  public Policy {
    if (floor == Tier.NONE || atOnce.filter(Tier.NONE::equals).isPresent()) {
      throw new IllegalArgumentException(
          "the tier none never takes code that is not trusted; name namespaces, container or"
              + " microvm");
    }
    if (holdFor.isNegative() || holdFor.isZero() || holdFor.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a hold cannot last " + holdFor + "; give it more than nothing and at most 30 days");
    }
    mayLoosen = Set.copyOf(mayLoosen);
  }

  /** What {@link #narrowed} comes to. */
  public sealed interface Narrowing {
    /** The policy that applies. */
    record Narrowed(Policy policy) implements Narrowing {}

    /**
     * The narrower one is less strict where it may not be, so that none applies.
     *
     * @param violations one line each
     */
    record Loosened(List<String> violations) implements Narrowing {}
  }

  /**
   * This policy, replaced by {@code narrower}: a repository's in place of its organisation's, say.
   * It has to be at least as strict in everything that this one does not let it loosen.
   */
  public Narrowing narrowed(Policy narrower) {
    var violations = new ArrayList<String>();
    for (Aspect aspect : Aspect.values()) {
      if (!mayLoosen.contains(aspect) && !narrower.noLooserIn(aspect, this)) {
        violations.add(
            narrower.says(aspect)
                + " is less strict than "
                + says(aspect)
                + "; make it stricter, or name "
                + aspect
                + " in may-loosen of the wider policy");
      }
    }
    return violations.isEmpty()
        ? new Narrowing.Narrowed(narrower)
        : new Narrowing.Loosened(violations);
  }

  /** Whether this is at least as strict as {@code other} in {@code aspect}. */
  private boolean noLooserIn(Aspect aspect, Policy other) {
    return switch (aspect) {
      case HOLD_KNOWN -> holdKnown || !other.holdKnown;
      case AT_ONCE ->
          atOnce.isEmpty() || (other.atOnce.isPresent() && atOnce.get().holds(other.atOnce.get()));
      case FLOOR -> floor.holds(other.floor);
      case APPROVAL -> approval.noWeakerThan(other.approval);
      case HOLD_FOR -> holdFor.compareTo(other.holdFor) <= 0;
      case MAY_LOOSEN -> other.mayLoosen.containsAll(mayLoosen);
    };
  }

  private String says(Aspect aspect) {
    return switch (aspect) {
      case HOLD_KNOWN -> "hold-known " + holdKnown;
      case AT_ONCE -> "at-once " + atOnce.map(Tier::word).orElse("never");
      case FLOOR -> "floor " + floor.word();
      case APPROVAL ->
          approval.count() + " approvals, own " + (approval.own() ? "allowed" : "not allowed");
      case HOLD_FOR -> "hold-for " + holdFor.toMinutes() + " minutes";
      case MAY_LOOSEN ->
          "may-loosen " + (mayLoosen.isEmpty() ? "nothing" : EnumSet.copyOf(mayLoosen));
    };
  }
}
