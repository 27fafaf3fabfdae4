/** What {@code holdfast probe} prints. */
@NullMarked
package dev.holdfast.cli.probe;

import org.jspecify.annotations.NullMarked;
