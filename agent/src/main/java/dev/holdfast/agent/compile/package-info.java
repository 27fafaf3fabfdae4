/** Workflows evaluated in a sandbox that is thrown away. */
@NullMarked
package dev.holdfast.agent.compile;

import org.jspecify.annotations.NullMarked;
