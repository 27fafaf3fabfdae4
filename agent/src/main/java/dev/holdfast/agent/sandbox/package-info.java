/** The wall around a job: what makes it, what runs behind it, and what is gone after it. */
@NullMarked
package dev.holdfast.agent.sandbox;

import org.jspecify.annotations.NullMarked;
