/** Environments: what is kept of them, who may set it, and who was in them. */
@NullMarked
package dev.holdfast.orchestrator.environment;

import org.jspecify.annotations.NullMarked;
