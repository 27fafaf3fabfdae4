/** Events, durable before they are answered, and what each of them starts. */
@NullMarked
package dev.holdfast.orchestrator.intake;

import org.jspecify.annotations.NullMarked;
