/**
 * The host's side of the stream to a guest agent, whose other side is {@code guest/} at the root of
 * the sources. All that comes from a guest is hostile: bounded, in order, or the end of it.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.guest;

import org.jspecify.annotations.NullMarked;
