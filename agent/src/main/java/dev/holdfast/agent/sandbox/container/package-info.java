/** Sandboxes that are containers of an engine that speaks Docker's API. */
@NullMarked
package dev.holdfast.agent.sandbox.container;

import org.jspecify.annotations.NullMarked;
