/**
 * What is kept of machines that were stopped, and what each depends on: files of the agent's, which
 * no machine and no monitor can change. Knows nothing of jobs.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.snapshot;

import org.jspecify.annotations.NullMarked;
