/** What bounds every message, whoever sends it. */
@NullMarked
package dev.holdfast.model.wire;

import org.jspecify.annotations.NullMarked;
