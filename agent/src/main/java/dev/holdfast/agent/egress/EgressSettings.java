package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Range;
import dev.holdfast.agent.sandbox.Wall;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * How an agent gives its jobs a network.
 *
 * @param agent the agent's id, which its interfaces' names are made of
 * @param jobs4 where jobs get their addresses; the same for all agents of a host
 * @param upstreams servers that names are asked from; empty for those of the host
 * @param wall only in a lab anything but the whole
 * @param documentationIsPublic only in a lab: its internet is made of the ranges set aside for
 *     examples
 */
public record EgressSettings(
    String agent,
    EgressPolicy policy,
    Range jobs4,
    List<InetSocketAddress> upstreams,
    Wall wall,
    boolean documentationIsPublic) {
  /** Set aside for measuring devices, so used by nobody's network. */
  public static final Range JOBS4 = Range.parse("198.18.0.0/15");

  public EgressSettings {
    upstreams = List.copyOf(upstreams);
  }

  public static EgressSettings of(String agent, EgressPolicy policy) {
    return new EgressSettings(agent, policy, JOBS4, List.of(), Wall.whole(), false);
  }
}
