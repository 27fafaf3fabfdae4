/** What an agent keeps for later jobs, and how much of it. */
@NullMarked
package dev.holdfast.agent.keep;

import org.jspecify.annotations.NullMarked;
