/** Values that are kept where others may read them: sealed under a key that is kept elsewhere. */
@NullMarked
package dev.holdfast.orchestrator.seal;

import org.jspecify.annotations.NullMarked;
