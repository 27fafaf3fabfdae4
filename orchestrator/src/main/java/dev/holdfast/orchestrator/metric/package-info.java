/** What is counted and timed. */
@NullMarked
package dev.holdfast.orchestrator.metric;

import org.jspecify.annotations.NullMarked;
