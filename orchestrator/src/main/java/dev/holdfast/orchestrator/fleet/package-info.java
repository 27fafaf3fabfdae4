/** Agents and their tokens. */
@NullMarked
package dev.holdfast.orchestrator.fleet;

import org.jspecify.annotations.NullMarked;
