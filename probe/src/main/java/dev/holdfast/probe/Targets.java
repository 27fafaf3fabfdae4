package dev.holdfast.probe;

import java.util.Optional;
import java.util.Set;

/** Where the network attacks aim: addresses that somebody owns for that, and never any others. */
public interface Targets {
  /**
   * Where {@code name} is, as the programs are told: {@code ADDRESS PORT}, or {@code ADDRESS} where
   * no port is meant, or a host name. Empty if there is no such target here.
   */
  Optional<String> of(String name);

  /** The names that have an address. */
  Set<String> names();

  /** Without a lab: no attack on the network has a target. */
  static Targets none() {
    return new Targets() {
      @Override
      public Optional<String> of(String name) {
        return Optional.empty();
      }

      @Override
      public Set<String> names() {
        return Set.of();
      }
    };
  }
}
