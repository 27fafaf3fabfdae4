/** Holdfast agent. */
@NullMarked
package dev.holdfast.agent;

import org.jspecify.annotations.NullMarked;
