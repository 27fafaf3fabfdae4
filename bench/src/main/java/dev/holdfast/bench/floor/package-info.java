/** What the machine itself takes for the least that could do the same. */
@NullMarked
package dev.holdfast.bench.floor;

import org.jspecify.annotations.NullMarked;
