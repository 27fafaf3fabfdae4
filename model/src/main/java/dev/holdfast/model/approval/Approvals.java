package dev.holdfast.model.approval;

import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.trust.Lookup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether the approvals that were given are the ones that were asked for. */
public final class Approvals {
  private Approvals() {}

  /** What {@link #of} comes to. */
  public sealed interface Verdict {
    /** It may start. */
    record Released(Set<String> by) implements Verdict {}

    /**
     * It may not.
     *
     * @param reasons one line each: how many are missing, and why given ones do not count
     */
    record Waiting(List<String> reasons) implements Verdict {}
  }

  /**
   * Whether {@code given} let a job start at {@code now}.
   *
   * @param entitled who has the right to approve at this moment, not when they approved
   * @param hands the users who had a hand in the change; where that cannot be told, none of the
   *     approvals counts unless one's own would
   */
  public static Verdict of(
      Release asked,
      List<Approval> given,
      Subject wanted,
      Set<EnvironmentName> entered,
      Lookup<Set<String>> entitled,
      Lookup<Set<String>> hands,
      Instant now) {
    return switch (asked) {
      case Release.Mend(var mend) ->
          new Verdict.Waiting(List.of("no approval releases it: " + mend));
      case Release.Approval approvals ->
          counted(approvals, given, wanted, entered, entitled, hands, now);
    };
  }

  private static Verdict counted(
      Release.Approval asked,
      List<Approval> given,
      Subject wanted,
      Set<EnvironmentName> entered,
      Lookup<Set<String>> entitled,
      Lookup<Set<String>> hands,
      Instant now) {
    if (!(entitled instanceof Lookup.Known<Set<String>>(var may))) {
      return new Verdict.Waiting(List.of("who has the right to approve cannot be told"));
    }
    if (!asked.own() && hands.known().isEmpty()) {
      return new Verdict.Waiting(List.of("whose change it is cannot be told"));
    }
    Set<String> barred = asked.own() ? Set.of() : hands.known().orElse(Set.of());
    var by = new TreeSet<String>();
    var reasons = new ArrayList<String>();
    for (Approval approval : given) {
      String who = approval.approver();
      if (!may.contains(who)) {
        reasons.add(who + " does not have the right to approve");
      } else if (barred.contains(who)) {
        reasons.add(who + " had a hand in the change");
      } else {
        approval
            .refusal(wanted, entered, now)
            .ifPresentOrElse(why -> reasons.add(who + ": " + why), () -> by.add(who));
      }
    }
    if (by.size() >= asked.count()) {
      return new Verdict.Released(Set.copyOf(by));
    }
    reasons.addFirst(by.size() + " of " + asked.count() + " approvals");
    return new Verdict.Waiting(List.copyOf(reasons));
  }
}
