/** Files that a job gives to later jobs of its run and to people. */
@NullMarked
package dev.holdfast.orchestrator.artifact;

import org.jspecify.annotations.NullMarked;
