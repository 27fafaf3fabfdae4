/** Whether an event runs, waits or is refused: one pure function and what it is given. */
@NullMarked
package dev.holdfast.model.decision;

import org.jspecify.annotations.NullMarked;
