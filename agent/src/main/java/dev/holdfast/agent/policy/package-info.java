/** What the operator of a host lets its agent do, which no orchestrator can override. */
@NullMarked
package dev.holdfast.agent.policy;

import org.jspecify.annotations.NullMarked;
