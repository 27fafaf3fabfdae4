package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;

/**
 * Where a secret's value stands in a vault: in the key-value engine, version 2.
 *
 * @param vault its name in the file about keys
 * @param mount of the engine, mostly {@code secret}
 * @throws IllegalArgumentException if a part of it cannot be one
 */
public record VaultReference(Name vault, String mount, String path, String field) {
  public VaultReference {
    var _ = new Content.InVault(vault, mount, path, field);
  }

  Content content() {
    return new Content.InVault(vault, mount, path, field);
  }
}
