/** Runs, jobs and attempts, and the one owner of their transitions. */
@NullMarked
package dev.holdfast.orchestrator.run;

import org.jspecify.annotations.NullMarked;
