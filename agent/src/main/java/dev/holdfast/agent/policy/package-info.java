/** What an agent takes on, by its own operator's file, which no orchestrator can override. */
@NullMarked
package dev.holdfast.agent.policy;

import org.jspecify.annotations.NullMarked;
