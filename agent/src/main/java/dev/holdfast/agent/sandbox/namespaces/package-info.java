/** Sandboxes of namespaces on the host's own system, made by bubblewrap. */
@NullMarked
package dev.holdfast.agent.sandbox.namespaces;

import org.jspecify.annotations.NullMarked;
