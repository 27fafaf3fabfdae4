/** What the relay takes, how soon it is fetched, and what it costs. */
@NullMarked
package dev.holdfast.bench.relay;

import org.jspecify.annotations.NullMarked;
