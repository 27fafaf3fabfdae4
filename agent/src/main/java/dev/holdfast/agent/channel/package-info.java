/** The agent's end of the runner channel, which takes every byte as hostile. */
@NullMarked
package dev.holdfast.agent.channel;

import org.jspecify.annotations.NullMarked;
