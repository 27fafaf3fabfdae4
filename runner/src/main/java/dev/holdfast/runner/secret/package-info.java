/** The secrets of the step that runs: held outside the heap, handed out as asked, wiped after it. */
@NullMarked
package dev.holdfast.runner.secret;

import org.jspecify.annotations.NullMarked;
