/** Processes, files and figures of the machine. */
@NullMarked
package dev.holdfast.bench.host;

import org.jspecify.annotations.NullMarked;
