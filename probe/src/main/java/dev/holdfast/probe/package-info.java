/** The attacks on Holdfast's promises, run as real jobs, each with a control that gets through. */
@NullMarked
package dev.holdfast.probe;

import org.jspecify.annotations.NullMarked;
