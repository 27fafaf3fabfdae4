/** What a workflow is, as data: definitions, the lock file, and the rules that make them valid. */
@NullMarked
package dev.holdfast.model.definition;

import org.jspecify.annotations.NullMarked;
