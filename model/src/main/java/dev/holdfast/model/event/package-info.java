/** What happened at a forge or on a clock, in one shape whatever its source. */
@NullMarked
package dev.holdfast.model.event;

import org.jspecify.annotations.NullMarked;
