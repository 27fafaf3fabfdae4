/** Starts workflows by the clock. */
@NullMarked
package dev.holdfast.orchestrator.schedule;

import org.jspecify.annotations.NullMarked;
