/** Hashes, by which contents and names are told apart. */
@NullMarked
package dev.holdfast.model.digest;

import org.jspecify.annotations.NullMarked;
