/** From a definition and an event to the jobs of a run. */
@NullMarked
package dev.holdfast.model.plan;

import org.jspecify.annotations.NullMarked;
