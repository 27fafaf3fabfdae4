/** What secrets cost. */
@NullMarked
package dev.holdfast.bench.secret;

import org.jspecify.annotations.NullMarked;
