/** Jobs through the orchestrator, with agents that do nothing. */
@NullMarked
package dev.holdfast.bench.throughput;

import org.jspecify.annotations.NullMarked;
