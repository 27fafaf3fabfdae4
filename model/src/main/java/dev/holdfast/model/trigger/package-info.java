/** Which workflows an event starts, and why the others do not start. */
@NullMarked
package dev.holdfast.model.trigger;

import org.jspecify.annotations.NullMarked;
