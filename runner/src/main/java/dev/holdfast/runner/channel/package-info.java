/** The runner's end of the channel to its agent. */
@NullMarked
package dev.holdfast.runner.channel;

import org.jspecify.annotations.NullMarked;
