package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Records;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A policy as people write it. Everything has to be said: what is left out would otherwise be
 * whatever somebody takes for granted.
 *
 * @param holdFor as {@code 72h}
 */
public record PolicyText(
    boolean holdKnown,
    Optional<Tier> atOnce,
    Tier floor,
    Approvals approval,
    TimeLimit holdFor,
    List<Policy.Aspect> mayLoosen) {
  /**
   * @param own whether who had a hand in the change may approve it
   */
  public record Approvals(int count, boolean own) {}

  public static PolicyText of(Policy policy) {
    return new PolicyText(
        policy.holdKnown(),
        policy.atOnce(),
        policy.floor(),
        new Approvals(policy.approval().count(), policy.approval().own()),
        new TimeLimit(
            policy.holdFor().toMinutes() % 60 == 0
                ? policy.holdFor().toHours() + "h"
                : policy.holdFor().toSeconds() + "s"),
        policy.mayLoosen().stream().sorted().toList());
  }

  /**
   * What it says.
   *
   * @throws IllegalArgumentException if there is no such policy, with the mend
   */
  public Policy policy() {
    return new Policy(
        holdKnown,
        atOnce,
        floor,
        new Release.Approval(approval.count(), approval.own()),
        holdFor.duration(),
        Set.copyOf(mayLoosen));
  }

  /** The one text of this policy, however it was written. */
  static String canonical(Policy policy) {
    return Records.write(PolicyText.class, of(policy));
  }

  /** What an approval names a policy by. */
  public static Digest digest(Policy policy) {
    return new Digest("sha256:" + Sha256.hex(canonical(policy)));
  }
}
