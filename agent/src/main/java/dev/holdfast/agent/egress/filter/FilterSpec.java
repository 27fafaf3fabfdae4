package dev.holdfast.agent.egress.filter;

import dev.holdfast.agent.egress.rule.Blocked;
import dev.holdfast.agent.egress.rule.Range;
import dev.holdfast.agent.sandbox.Wall;

/**
 * What the table of a host depends on. Agents of one host must agree on it.
 *
 * @param jobs4 where the jobs' addresses come from
 * @param gateways4 its first addresses, at which resolvers listen
 * @param blocked also holds {@code jobs4} and {@code jobs6}
 */
public record FilterSpec(
    Wall wall, Blocked blocked, Range jobs4, Range gateways4, Range jobs6, Range gateways6) {}
