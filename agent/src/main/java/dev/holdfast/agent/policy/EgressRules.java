package dev.holdfast.agent.policy;

import dev.holdfast.agent.egress.rule.BadRule;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;

/** The network's part of an agent's policy, as rules. */
public final class EgressRules {
  private EgressRules() {}

  /**
   * @throws BadRule if a part is not understood; it says which
   */
  public static EgressPolicy of(AgentPolicy policy) {
    if (policy.egress().isEmpty()) {
      return EgressPolicy.standard();
    }
    AgentPolicy.Egress egress = policy.egress().get();
    return new EgressPolicy(
        egress.parts().stream()
            .map(part ->
                EgressPolicy.Part.parse(
                    new Scope(part.pool(), part.repository(), part.workflow()),
                    part.otherwise(),
                    part.rules()))
            .toList(),
        egress.internalZones());
  }
}
