/** Workflow definitions, read as data from a repository's files. */
@NullMarked
package dev.holdfast.orchestrator.definition;

import org.jspecify.annotations.NullMarked;
