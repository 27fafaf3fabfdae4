/** Holdfast orchestrator. */
@NullMarked
package dev.holdfast.orchestrator;

import org.jspecify.annotations.NullMarked;
