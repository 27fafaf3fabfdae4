/** Secrets: their names, and what can be one. */
@NullMarked
package dev.holdfast.model.secret;

import org.jspecify.annotations.NullMarked;
