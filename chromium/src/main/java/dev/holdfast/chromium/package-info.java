/** A real browser, driven by tests and benchmarks of pages. */
@NullMarked
package dev.holdfast.chromium;

import org.jspecify.annotations.NullMarked;
