/** What pages cost: until they are seen, and while they are followed. */
@NullMarked
package dev.holdfast.bench.page;

import org.jspecify.annotations.NullMarked;
