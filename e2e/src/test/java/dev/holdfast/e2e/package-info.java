/** End-to-end tests: the distribution, real repositories, real sandboxes. */
@NullMarked
package dev.holdfast.e2e;

import org.jspecify.annotations.NullMarked;
