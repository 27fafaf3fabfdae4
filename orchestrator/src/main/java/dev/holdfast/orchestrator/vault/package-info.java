/** Calls of HashiCorp Vault. */
@NullMarked
package dev.holdfast.orchestrator.vault;

import org.jspecify.annotations.NullMarked;
