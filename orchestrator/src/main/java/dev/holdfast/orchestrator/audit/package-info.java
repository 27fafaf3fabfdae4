/** What mattered, on record. */
@NullMarked
package dev.holdfast.orchestrator.audit;

import org.jspecify.annotations.NullMarked;
