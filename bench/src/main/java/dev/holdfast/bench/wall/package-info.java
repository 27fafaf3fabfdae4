/** What the wall around a job costs: hardening of a sandbox, and the filter of its network. */
@NullMarked
package dev.holdfast.bench.wall;

import org.jspecify.annotations.NullMarked;
