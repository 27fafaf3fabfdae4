/** Tokens of people and scripts, and how a token is kept. */
@NullMarked
package dev.holdfast.orchestrator.access;

import org.jspecify.annotations.NullMarked;
