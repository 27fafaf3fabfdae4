/** Bytes by their SHA-256. */
@NullMarked
package dev.holdfast.orchestrator.blob;

import org.jspecify.annotations.NullMarked;
