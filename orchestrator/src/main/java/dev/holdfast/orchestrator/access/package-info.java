/** Users and teams, what was granted to them, their tokens, and who they are at forges. */
@NullMarked
package dev.holdfast.orchestrator.access;

import org.jspecify.annotations.NullMarked;
