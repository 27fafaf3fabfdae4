/** Holdfast git. */
@NullMarked
package dev.holdfast.git;

import org.jspecify.annotations.NullMarked;
