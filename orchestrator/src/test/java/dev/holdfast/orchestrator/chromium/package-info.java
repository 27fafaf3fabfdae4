/** A real browser, driven by tests of pages. */
@NullMarked
package dev.holdfast.orchestrator.chromium;

import org.jspecify.annotations.NullMarked;
