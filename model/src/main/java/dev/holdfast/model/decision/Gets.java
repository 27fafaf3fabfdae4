package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Tier;
import java.util.Set;

/**
 * What a job would get if it ran as its definition asks.
 *
 * @param secrets by name
 * @param tier the weakest wall that it accepts
 */
public record Gets(Set<String> secrets, Tier tier, Egress egress, boolean cacheWrites) {
  public Gets {
    secrets = Set.copyOf(secrets);
  }

  /** Whether it asks for something that {@code limits} keep from it. */
  boolean beyond(Limits limits) {
    return !new Limits(!secrets.isEmpty(), cacheWrites, egress).within(limits);
  }
}
