/** Runs of the working tree on this machine, in the agent's sandboxes, without a server. */
@NullMarked
package dev.holdfast.cli.local;

import org.jspecify.annotations.NullMarked;
