/**
 * Images of virtual machines: a base that is read-only and shared, a kernel, and what starts the
 * guest agent; made without mounting anything, found by the digest of what they are.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.image;

import org.jspecify.annotations.NullMarked;
