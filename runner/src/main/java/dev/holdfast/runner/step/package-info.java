/** How one step runs, and how it is stopped. */
@NullMarked
package dev.holdfast.runner.step;

import org.jspecify.annotations.NullMarked;
