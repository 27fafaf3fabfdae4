/** Who gets which job, for how long, and what is heard of it. */
@NullMarked
package dev.holdfast.orchestrator.queue;

import org.jspecify.annotations.NullMarked;
