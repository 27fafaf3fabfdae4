/** Tokens by which a job shows to others what it is, in place of a secret that it would hold. */
@NullMarked
package dev.holdfast.orchestrator.identity;

import org.jspecify.annotations.NullMarked;
