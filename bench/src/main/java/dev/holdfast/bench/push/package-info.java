/** From a push to the first output. */
@NullMarked
package dev.holdfast.bench.push;

import org.jspecify.annotations.NullMarked;
