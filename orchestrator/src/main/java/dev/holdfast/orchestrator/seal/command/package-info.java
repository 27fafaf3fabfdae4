/** Keys that a command prints: the one place of the orchestrator that starts such a process. */
@NullMarked
package dev.holdfast.orchestrator.seal.command;

import org.jspecify.annotations.NullMarked;
