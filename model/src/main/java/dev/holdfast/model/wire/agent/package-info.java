/** What agent and orchestrator say to each other. */
@NullMarked
package dev.holdfast.model.wire.agent;

import org.jspecify.annotations.NullMarked;
