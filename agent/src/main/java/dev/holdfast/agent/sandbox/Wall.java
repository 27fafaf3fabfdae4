package dev.holdfast.agent.sandbox;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which protections a backend puts up. Everywhere but in the probe, benchmarks and tests it is
 * {@link #whole}; no configuration reaches {@link #without}, and {@code ArchitectureTest} holds who
 * calls it. Immutable.
 */
public final class Wall {
  private static final Wall WHOLE = new Wall(EnumSet.noneOf(Protection.class));

  private final Set<Protection> missing;

  private Wall(Set<Protection> missing) {
    this.missing = Set.copyOf(missing);
  }

  public static Wall whole() {
    return WHOLE;
  }

  /** For controls: shows that an attack works where these are missing. */
  public static Wall without(Set<Protection> missing) {
    return new Wall(missing);
  }

  public boolean has(Protection protection) {
    return !missing.contains(protection);
  }

  @Override
  public String toString() {
    return missing.isEmpty() ? "the whole wall" : "the wall without " + missing;
  }
}
