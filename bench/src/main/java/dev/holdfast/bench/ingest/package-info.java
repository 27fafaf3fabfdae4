/** Logs through runner, agent and store. */
@NullMarked
package dev.holdfast.bench.ingest;

import org.jspecify.annotations.NullMarked;
