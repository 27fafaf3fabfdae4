/** One attempt from its lease to its end. */
@NullMarked
package dev.holdfast.agent.job;

import org.jspecify.annotations.NullMarked;
