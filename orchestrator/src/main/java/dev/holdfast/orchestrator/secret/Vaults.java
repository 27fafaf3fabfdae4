package dev.holdfast.orchestrator.secret;

import dev.holdfast.orchestrator.vault.Vault;
import java.util.Optional;

/** The vaults that secrets can be read from, by name. Thread-safe. */
@FunctionalInterface
public interface Vaults {
  Optional<Vault> named(String name);
}
