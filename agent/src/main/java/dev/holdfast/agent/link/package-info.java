/** What the agent says to the orchestrator, safely repeated until it is heard. */
@NullMarked
package dev.holdfast.agent.link;

import org.jspecify.annotations.NullMarked;
