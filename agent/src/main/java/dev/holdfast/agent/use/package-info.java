/**
 * Secrets that are used and not held: requests of a step to which the agent adds one on their way.
 */
@NullMarked
package dev.holdfast.agent.use;

import org.jspecify.annotations.NullMarked;
