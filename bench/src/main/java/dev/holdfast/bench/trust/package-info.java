/** What it costs to decide, and to take webhooks in. */
@NullMarked
package dev.holdfast.bench.trust;

import org.jspecify.annotations.NullMarked;
