/** The secrets of one attempt, in the agent's memory until the steps that name them have them. */
@NullMarked
package dev.holdfast.agent.secret;

import org.jspecify.annotations.NullMarked;
