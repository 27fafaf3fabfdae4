/** What was measured, and how it is shown. Pure. */
@NullMarked
package dev.holdfast.bench.figure;

import org.jspecify.annotations.NullMarked;
