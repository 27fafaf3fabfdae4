/** Secrets: kept sealed, every version of them, and given to the attempts that may have them. */
@NullMarked
package dev.holdfast.orchestrator.secret;

import org.jspecify.annotations.NullMarked;
