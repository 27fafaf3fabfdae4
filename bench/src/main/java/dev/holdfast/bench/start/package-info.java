/** Starting, and the memory it takes. */
@NullMarked
package dev.holdfast.bench.start;

import org.jspecify.annotations.NullMarked;
