/** Jobs as plain processes of the host, without a wall. */
@NullMarked
package dev.holdfast.agent.sandbox.process;

import org.jspecify.annotations.NullMarked;
